// Package rules reads protection and protocol documents and tells what a request to a prediction server asks for.
// It has no input or output of its own.
package rules

import "fmt"

// Kind is what becomes of a request.
type Kind int

const (
	// Unmapped requests are denied: no rule matches, or no model is named. The zero value.
	Unmapped Kind = iota
	// Open requests pass unasked.
	Open
	// Ask lets a request pass when all of its targets are allowed.
	Ask
	// Listing lets a request pass and filters the list in its response.
	Listing
	// NeedsBody is of a request whose model stands in the body, which is to be read first.
	NeedsBody
	// Malformed requests can be read in more than one way, or in none.
	Malformed
)

// Target is something that must be allowed before a request passes.
type Target struct {
	// Resource is the full name of a model or version.
	Resource string
	// Action is one of the organization's profile.
	Action string
}

// Outcome is what a request asks for. The zero value denies.
type Outcome struct {
	Kind Kind
	// Targets of Ask: at least one, none twice.
	Targets []Target
	// List of Listing: where the names are in the response.
	List JSONPath
	// Action of Listing.
	Action string
	// Why a request is unmapped or malformed; has nothing of the request.
	Why string
}

// malformed is why a request is refused.
type malformed string

func (m malformed) Error() string { return string(m) }

func malformedf(format string, args ...any) error {
	return malformed(fmt.Sprintf(format, args...))
}

func unmapped(why string) Outcome {
	return Outcome{Kind: Unmapped, Why: why}
}

// refused is the outcome of an error: malformed if it says so, else unmapped.
func refused(err error) Outcome {
	if why, ok := err.(malformed); ok {
		return Outcome{Kind: Malformed, Why: string(why)}
	}
	return unmapped(err.Error())
}

// targetsMax is the most models that one request may name.
const targetsMax = 1000

// asked gathers what one request asks for.
type asked struct {
	names   *names
	action  string
	targets []Target
	seen    map[Target]bool
	unnamed bool
}

// add takes a place of the request that should name a model; a name or version that is empty is none.
func (a *asked) add(model, version string) error {
	if model == "" {
		a.unnamed = true
		return nil
	}
	resource, err := a.names.resource(model, version)
	if err != nil {
		return err
	}
	target := Target{Resource: resource, Action: a.action}
	if a.seen[target] {
		return nil
	}
	if len(a.targets) == targetsMax {
		return malformedf("more than %d models", targetsMax)
	}
	if a.seen == nil {
		a.seen = map[Target]bool{}
	}
	a.seen[target] = true
	a.targets = append(a.targets, target)
	return nil
}

// outcome is unmapped when any place named no model, or there was none.
func (a *asked) outcome() Outcome {
	if a.unnamed || len(a.targets) == 0 {
		return unmapped("the request names no model")
	}
	return Outcome{Kind: Ask, Targets: a.targets}
}
