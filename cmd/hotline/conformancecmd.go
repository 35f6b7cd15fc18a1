package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"hotline/cmd/conform"
	"hotline/deploy"
)

// rulesFile is the list of what the five regulations ask, in deploy/.
const rulesFile = "rules.yaml"

// newConformanceCommand says which clause of the regulations is proven by which test.
func newConformanceCommand() *cobra.Command {
	var (
		from, page, keep string
		profiles, flags  []string
	)
	cmd := &cobra.Command{
		Use:   "conformance",
		Short: "逐条核对五份办法:哪一条由哪个测试证明 / which clause is proven by which test",
		Long: "Runs the tests whose names carry ids of clauses, in a checkout, or reads what `go test -json`\n" +
			"printed, and fails when a clause that is asked now has no passing test.",
		Example: "  hotline conformance --html .run/conformance.html\n  go test -json ./... | hotline conformance --from -",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			book, err := conform.Load(deploy.Files, rulesFile)
			if err != nil {
				return err
			}
			var results bytes.Buffer
			if from == "" {
				err = runNamed(cmd.Context(), book, &results, flags)
			} else {
				err = readResults(&results, from, cmd.InOrStdin())
			}
			if err != nil {
				return err
			}
			if keep != "" {
				if err := os.WriteFile(keep, results.Bytes(), 0o600); err != nil {
					return fmt.Errorf("keep the results: %w", err)
				}
			}
			run, err := conform.Read(&results, "hotline/")
			if err != nil {
				return err
			}
			report := book.Report(run)
			report.Print(cmd.OutOrStdout(), profiles...)
			if err := writePage(page, report); err != nil {
				return err
			}
			if !report.OK() {
				return errReported
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "file with the output of go test -json, - for standard input (default: run the tests here)")
	f.StringVar(&page, "html", "", "write the report as an HTML page too")
	f.StringVar(&keep, "keep", "", "write the output of go test -json to a file, for --from")
	f.StringSliceVar(&profiles, "profile", nil, "print only these hotlines' regulations (default: all)")
	f.StringSliceVar(&flags, "test-flags", []string{"-timeout=40m", "-p=2"}, "more flags for go test")
	return cmd
}

// runNamed runs those tests of this checkout that name clauses; out gets what go test -json
// says.
func runNamed(ctx context.Context, book *conform.Book, out io.Writer, flags []string) error {
	root, err := checkout()
	if err == nil {
		_, err = os.Stat(filepath.Join(root, "go.mod"))
	}
	if err != nil {
		return errors.Join(errors.New("the tests are run in a checkout; elsewhere give their output with --from"), err)
	}
	return book.Test(ctx, root, out, flags...)
}

// readResults fills out with the output of go test -json from a file or, for -, from in.
func readResults(out io.Writer, from string, in io.Reader) error {
	if from != "-" {
		f, err := os.Open(from)
		if err != nil {
			return fmt.Errorf("--from: %w", err)
		}
		defer f.Close()
		in = f
	}
	if _, err := io.Copy(out, in); err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	return nil
}

// writePage writes the report for people, if it is asked for.
func writePage(name string, r conform.Report) error {
	if name == "" {
		return nil
	}
	var b bytes.Buffer
	if err := r.Page(&b, time.Now()); err != nil {
		return err
	}
	if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	return nil
}
