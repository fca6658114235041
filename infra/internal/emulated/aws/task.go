package aws

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/floe-data/floe/infra/internal/emulated/container"
)

// stopTimeout is what Fargate gives a task to end after SIGTERM.
const stopTimeout = 30 * time.Second

// TaskRun says what to run.
type TaskRun struct {
	Family      string            // of the task definition, or family:revision, or its ARN
	Container   string            // "": the only one
	Command     []string          // override; nil: the definition's
	Environment map[string]string // override, on top of the definition's
}

// Task is a running task.
type Task struct {
	process *container.Process
	once    sync.Once
	ended   func()
}

// definition is as much of a task definition as running it needs.
type definition struct {
	TaskRoleArn          string `json:"taskRoleArn"`
	ContainerDefinitions []struct {
		Name             string                         `json:"name"`
		Image            string                         `json:"image"`
		EntryPoint       []string                       `json:"entryPoint"`
		Command          []string                       `json:"command"`
		WorkingDirectory string                         `json:"workingDirectory"`
		Environment      []struct{ Name, Value string } `json:"environment"`
		Secrets          []struct{ Name, ValueFrom string }
	} `json:"containerDefinitions"`
}

// RunTask starts a container of a task definition as Fargate would: the image's
// own program with the definition's environment and the credentials of the
// task's role.
func (a *Account) RunTask(ctx context.Context, r TaskRun) (*Task, error) {
	var out struct {
		TaskDefinition definition `json:"taskDefinition"`
	}
	if err := a.target(ctx, "ecs", "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition", map[string]string{"taskDefinition": r.Family}, &out); err != nil {
		return nil, err
	}
	for _, c := range out.TaskDefinition.ContainerDefinitions {
		if r.Container != "" && c.Name != r.Container {
			continue
		}
		env, err := a.taskEnvironment(ctx, out.TaskDefinition.TaskRoleArn, r.Family)
		if err != nil {
			return nil, err
		}
		for _, e := range c.Environment {
			env[e.Name] = e.Value
		}
		for _, s := range c.Secrets {
			if env[s.Name], err = a.secret(ctx, s.ValueFrom); err != nil {
				return nil, err
			}
		}
		for k, v := range r.Environment {
			env[k] = v
		}
		command := c.Command
		if r.Command != nil {
			command = r.Command
		}
		return a.startTask(ctx, r.Family, out.TaskDefinition.TaskRoleArn, c.Image,
			container.Command{Entrypoint: c.EntryPoint, Command: command, WorkingDir: c.WorkingDirectory, Env: env})
	}
	return nil, fmt.Errorf("task definition %s has no container %q", r.Family, r.Container)
}

func (a *Account) startTask(ctx context.Context, family, role, image string, c container.Command) (*Task, error) {
	i, err := a.store.Pull(ctx, image, auth)
	if err != nil {
		return nil, fmt.Errorf("CannotPullContainerError: %w", err)
	}
	p, err := i.Start(c)
	if err != nil {
		return nil, err
	}
	t := &Task{process: p}
	t.ended = func() {
		code, _ := p.Wait(context.Background()) // it has ended
		a.ran(&Run{Kind: "task", Name: family, Role: role, Environment: c.Env, ExitCode: code, Log: p.Output()})
	}
	a.mu.Lock()
	a.tasks = append(a.tasks, t)
	a.mu.Unlock()
	go func() {
		<-p.Exited()
		t.once.Do(t.ended)
	}()
	return t, nil
}

// Wait waits for the task's end and tells its exit code; the run is then in Runs.
func (t *Task) Wait(ctx context.Context) (int, error) {
	code, err := t.process.Wait(ctx)
	if err == nil {
		t.once.Do(t.ended)
	}
	return code, err
}

// Stop is StopTask: SIGTERM, and SIGKILL after thirty seconds.
func (t *Task) Stop() { t.process.Stop(stopTimeout) }

// Output is what the task has written so far.
func (t *Task) Output() string { return t.process.Output() }

func (a *Account) stopTasks() {
	a.mu.Lock()
	tasks := a.tasks
	a.tasks = nil
	a.mu.Unlock()
	for _, t := range tasks {
		t.process.Kill()
	}
}

func (a *Account) taskEnvironment(ctx context.Context, role, family string) (map[string]string, error) {
	env := map[string]string{}
	for _, kv := range a.settings() {
		k, v := cut(kv)
		env[k] = v
	}
	if role != "" {
		var err error
		if env, err = a.assume(ctx, role, "task"); err != nil {
			return nil, fmt.Errorf("ECS was unable to assume the role of %s: %w", family, err)
		}
	}
	env["AWS_REGION"], env["AWS_DEFAULT_REGION"], env["AWS_EXECUTION_ENV"] = a.options.Region, a.options.Region, "AWS_ECS_FARGATE"
	return env, nil
}

// secret resolves a container's secret: ARN, or ARN:key:stage:version, of which
// only the whole text is understood.
func (a *Account) secret(ctx context.Context, from string) (string, error) {
	if strings.Count(from, ":") > 6 {
		return "", fmt.Errorf("ResourceInitializationError: %s: only whole secrets can be given to a task here", from)
	}
	var out struct{ SecretString string }
	if err := a.target(ctx, "secretsmanager", "secretsmanager.GetSecretValue", map[string]string{"SecretId": from}, &out); err != nil {
		return "", fmt.Errorf("ResourceInitializationError: %w", err)
	}
	return out.SecretString, nil
}

func cut(kv string) (string, string) {
	k, v, _ := strings.Cut(kv, "=")
	return k, v
}

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }
