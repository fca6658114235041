// Command echo is the program of the function and of the task that the tests
// deploy. As a function it answers its event with what it sees; as a task it
// prints its argument and waits to be told to end where that is "wait".
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if api := os.Getenv("AWS_LAMBDA_RUNTIME_API"); api != "" {
		serve("http://" + api + "/2018-06-01/runtime")
		return
	}
	fmt.Println("task", os.Args[1:], os.Getenv("FLOE_STACK"))
	if len(os.Args) > 1 && os.Args[1] == "wait" {
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGTERM)
		fmt.Println("waiting")
		<-stop
		fmt.Println("stopped")
		os.Exit(4)
	}
}

func serve(api string) {
	for {
		resp, err := http.Get(api + "/invocation/next")
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		event, _ := io.ReadAll(resp.Body)
		id := resp.Header.Get("Lambda-Runtime-Aws-Request-Id")
		var in struct{ Say string }
		_ = json.Unmarshal(event, &in)
		fmt.Println("got", in.Say)
		switch in.Say {
		case "fail":
			post(api+"/invocation/"+id+"/error", map[string]any{"errorType": "Refused", "errorMessage": "told to fail", "stackTrace": []string{}})
			continue
		case "crash":
			os.Exit(3)
		case "hang":
			time.Sleep(time.Hour)
		}
		work, _ := os.Getwd()
		file, _ := os.ReadFile("marker")
		post(api+"/invocation/"+id+"/response", map[string]any{"said": in.Say, "stack": os.Getenv("FLOE_STACK"), "region": os.Getenv("AWS_REGION"), "work": work, "marker": string(file)})
	}
}

func post(url string, v any) {
	b, _ := json.Marshal(v)
	resp, err := http.Post(url, "application/json", bytes.NewReader(b))
	if err == nil {
		resp.Body.Close()
	}
}
