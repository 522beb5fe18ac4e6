package rules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	// pathFieldsMax is the most fields of a path.
	pathFieldsMax = 8
	fieldMax      = 1<<29 - 1
)

var pathStep = regexp.MustCompile(`^([1-9][0-9]{0,8})(\[\])?$`)

// role is what a field is for.
type role int

const (
	roleMessage role = iota
	roleModel
	roleVersion
	roleLabel
)

// node is a field on the way to the model, version or label.
type node struct {
	number   int
	repeated bool
	role     role
	// unit: each occurrence of this message names one model.
	unit bool
	// holds is roleVersion or roleLabel of a message around one that is there for it alone.
	holds    role
	children []*node
}

func (n *node) child(number int) (int, *node) {
	for i, child := range n.children {
		if child.number == number {
			return i, child
		}
	}
	return -1, nil
}

// fieldTree has the fields on the way to the model, version and label of a message, by field numbers.
//
//	model: 1[].1.1, version: 1[].1.2.1, label: 1[].1.4
//
//	root -> 1[] UNIT -> 1 -> 1 MODEL
//	                      -> 2 holds VERSION -> 1 VERSION
//	                      -> 4 LABEL
//
// Invariant: exactly one node is the unit, the root or the last repeated message; each occurrence of it names one model,
// and all leaves lie below it without a further repetition.
type fieldTree struct {
	root           *node
	integerVersion bool
}

type step struct {
	number   int
	repeated bool
}

// newFieldTree makes the tree of those paths; an empty version or label is none.
func newFieldTree(model, version, label string, integerVersion bool) (*fieldTree, error) {
	tree := &fieldTree{root: &node{}, integerVersion: integerVersion}
	way, err := pathSteps(model)
	if err != nil {
		return nil, err
	}
	depth := 0
	for i, step := range way {
		if step.repeated {
			depth = i + 1
		}
	}
	if _, err := tree.add(way, roleModel); err != nil {
		return nil, err
	}
	unit := tree.root
	for _, step := range way[:depth] {
		_, unit = unit.child(step.number)
	}
	unit.unit = true
	if version != "" {
		if err := tree.addBeside(way, version, depth, roleVersion); err != nil {
			return nil, err
		}
	}
	if label != "" {
		if err := tree.addBeside(way, label, depth, roleLabel); err != nil {
			return nil, err
		}
	}
	return tree, nil
}

func pathSteps(path string) ([]step, error) {
	var steps []step
	for text := range strings.SplitSeq(path, ".") {
		match := pathStep.FindStringSubmatch(text)
		if match == nil {
			return nil, errors.New("expected: field numbers such as 1.2 or 1[].2")
		}
		number, err := strconv.Atoi(match[1])
		if err != nil || number > fieldMax {
			return nil, errors.New("expected: field numbers such as 1.2 or 1[].2")
		}
		steps = append(steps, step{number, match[2] != ""})
	}
	if len(steps) > pathFieldsMax || steps[len(steps)-1].repeated {
		return nil, fmt.Errorf("expected: at most %d field numbers, the last without []", pathFieldsMax)
	}
	return steps, nil
}

// addBeside adds a path that goes with the model's: the same repeated messages, and no further ones.
func (t *fieldTree) addBeside(model []step, path string, unitDepth int, role role) error {
	steps, err := pathSteps(path)
	if err != nil {
		return err
	}
	if len(steps) <= unitDepth || !slices.Equal(steps[:unitDepth], model[:unitDepth]) ||
		slices.ContainsFunc(steps[unitDepth:], func(s step) bool { return s.repeated }) {
		return errors.New("expected: a field in the same repeated message as model")
	}
	parent, err := t.add(steps, role)
	if err != nil {
		return err
	}
	common := 0
	for common < min(len(model), len(steps))-1 && model[common] == steps[common] {
		common++
	}
	if len(steps) > common+1 {
		if len(parent.children) > 1 {
			return errors.New("expected: version and label in messages of their own")
		}
		parent.holds = role
	}
	return nil
}

// add adds a leaf and what leads to it, and returns its parent.
func (t *fieldTree) add(steps []step, leaf role) (*node, error) {
	parent := t.root
	for i, step := range steps {
		last := i == len(steps)-1
		_, child := parent.child(step.number)
		if child != nil && (last || child.role != roleMessage || child.repeated != step.repeated) {
			return nil, errors.New("expected: another field than those of other paths")
		}
		if child == nil {
			child = &node{number: step.number, repeated: step.repeated}
			if last {
				child.role = leaf
			}
			parent.children = append(parent.children, child)
		}
		if last {
			return parent, nil
		}
		parent = child
	}
	return nil, errors.New("expected: a path")
}
