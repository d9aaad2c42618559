// Checks addresses once, as an agent of Consul does, and says what each is to it.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/consul/agent/checks"
	"github.com/hashicorp/consul/agent/structs"
	"github.com/hashicorp/go-hclog"
)

type verdicts chan string

func (v verdicts) UpdateCheck(_ structs.CheckID, status, _ string) {
	select {
	case v <- status:
	default:
	}
}

func (v verdicts) ServiceExists(structs.ServiceID) bool {
	return true
}

func main() {
	for _, address := range os.Args[1:] {
		fmt.Println(verdict(address))
	}
}

func verdict(address string) string {
	verdicts := make(verdicts, 1)
	logger := hclog.NewNullLogger()
	check := &checks.CheckHTTP{
		CheckID:       structs.NewCheckID("service", nil),
		HTTP:          address,
		Interval:      10 * time.Millisecond,
		Timeout:       20 * time.Second,
		OutputMaxSize: checks.DefaultBufSize,
		Logger:        logger,
		StatusHandler: checks.NewStatusHandler(verdicts, logger, 0, 0),
	}
	check.Start()
	defer check.Stop()
	return <-verdicts
}
