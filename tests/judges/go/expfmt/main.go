// Reads an exposition on its standard input with the library that Go services use, and writes what it
// understood as OpenMetrics. The argument is the Content-Type.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(contentType string) error {
	header := http.Header{}
	header.Set("Content-Type", contentType)
	format := expfmt.ResponseFormat(header)
	if format.FormatType() == expfmt.TypeUnknown {
		return fmt.Errorf("unknown format: %s", contentType)
	}
	decoder := expfmt.NewDecoder(os.Stdin, format)
	encoder := expfmt.NewEncoder(os.Stdout, expfmt.NewFormat(expfmt.TypeOpenMetrics))
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if errors.Is(err, io.EOF) {
			return encoder.(expfmt.Closer).Close()
		}
		if err != nil {
			return err
		}
		if err := encoder.Encode(&family); err != nil {
			return err
		}
	}
}
