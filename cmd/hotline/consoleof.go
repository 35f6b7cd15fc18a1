package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// consoleOf gives a command and those below it the flag --api, and makes the client of the
// console it names, as its admin. The flags have to be read before the client is asked for.
func consoleOf(cmd *cobra.Command) func() *consoleClient {
	api := cmd.PersistentFlags().String("api", envOr("HOTLINE_API", "http://127.0.0.1:8080"), "console of one of the controllers")
	return func() *consoleClient {
		return &consoleClient{jsonClient: jsonClient{base: strings.TrimSuffix(*api, "/")}, password: envOr("HOTLINE_ADMIN_PASSWORD", "")}
	}
}
