package athenatest

import (
	"encoding/json"
	"maps"
	"net/http"
)

// refusal is an error of the API, in the shape that AWS gives it.
type refusal struct {
	kind, message string
	code          string // AthenaErrorCode
	extra         map[string]any
}

func invalid(message string) *refusal {
	return &refusal{kind: "InvalidRequestException", message: message, code: "INVALID_INPUT"}
}

func refuse(w http.ResponseWriter, r *refusal) {
	body := object{"__type": r.kind, "Message": r.message}
	if r.code != "" {
		body["AthenaErrorCode"] = r.code
	}
	maps.Copy(body, r.extra)
	w.Header().Set("X-Amzn-Errortype", r.kind)
	answer(w, http.StatusBadRequest, body)
}

func answer(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a caller that hung up is no matter of ours
}
