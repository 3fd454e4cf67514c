//go:build tools

// Package temporal pins the Temporal CLI, whose development server Retort embeds where no other is configured.
package temporal

import _ "github.com/temporalio/cli/cmd/temporal"
