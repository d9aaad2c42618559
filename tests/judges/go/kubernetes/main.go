// Answers probes as Kubernetes' own API server does, so that what others write can be held against it.
//
// It reads lines `NAME ok|fails [GROUP]` until an empty one, says its address, and serves until its input ends.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"

	"k8s.io/apiserver/pkg/server/healthz"
)

func main() {
	input := bufio.NewReader(os.Stdin)
	mux := http.NewServeMux()
	healthz.InstallPathHandler(mux, "/readyz", checks(input)...)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	go http.Serve(listener, mux)
	io.Copy(io.Discard, input)
}

func checks(input *bufio.Reader) []healthz.HealthChecker {
	var checks []healthz.HealthChecker
	for {
		line, _ := input.ReadString('\n')
		words := strings.Fields(line)
		if len(words) < 2 {
			return checks
		}
		check := func(*http.Request) error {
			if words[1] == "ok" {
				return nil
			}
			return errors.New("fail: gone")
		}
		if len(words) == 3 {
			checks = append(checks, healthz.NamedGroupedCheck(words[0], words[2], check))
		} else {
			checks = append(checks, healthz.NamedCheck(words[0], check))
		}
	}
}
