{% test positive(model, column_name, at_least=1) %}
select * from {{ model }} where {{ column_name }} < {{ at_least }}
{% endtest %}
