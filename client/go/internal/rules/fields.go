package rules

import (
	"fmt"
	"strconv"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// fieldReader reads model and version from a parsed message, the one that the handler gets, by the same paths as scanner
// from its bytes.
type fieldReader struct {
	integer bool
	asked   *asked
	unit    unit
}

func readFields(message protoreflect.Message, tree *fieldTree, asked *asked) error {
	r := &fieldReader{integer: tree.integerVersion, asked: asked}
	return r.message(message, tree.root)
}

func (r *fieldReader) message(message protoreflect.Message, n *node) error {
	if n.unit {
		r.unit = unit{}
	}
	for _, child := range n.children {
		field := message.Descriptor().Fields().ByNumber(protoreflect.FieldNumber(child.number))
		if !r.fits(child, field) {
			return fmt.Errorf("field %d of `%s` is not what the rule of the method says",
				child.number, message.Descriptor().FullName())
		}
		if err := r.child(message, child, field); err != nil {
			return err
		}
	}
	if n.unit {
		return r.unit.end(r.asked)
	}
	return nil
}

func (r *fieldReader) child(message protoreflect.Message, child *node, field protoreflect.FieldDescriptor) error {
	switch {
	case child.role != roleMessage:
		return r.leaf(message, child, field)
	case child.repeated:
		list := message.Get(field).List()
		for i := range list.Len() {
			if err := r.message(list.Get(i).Message(), child); err != nil {
				return err
			}
		}
	case message.Has(field):
		r.unit.versionSeen = r.unit.versionSeen || child.holds == roleVersion
		r.unit.labelSeen = r.unit.labelSeen || child.holds == roleLabel
		if err := r.message(message.Get(field).Message(), child); err != nil {
			return err
		}
		if child.holds == roleVersion && r.integer && r.unit.version == "" {
			r.unit.version = "0"
		}
	}
	return nil
}

func (r *fieldReader) fits(child *node, field protoreflect.FieldDescriptor) bool {
	if field == nil || field.IsMap() || field.IsList() != child.repeated {
		return false
	}
	integer := child.role == roleVersion && r.integer
	switch field.Kind() {
	case protoreflect.MessageKind:
		return child.role == roleMessage
	case protoreflect.StringKind:
		return child.role != roleMessage && !integer
	case protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return integer
	default:
		return false
	}
}

func (r *fieldReader) leaf(message protoreflect.Message, child *node, field protoreflect.FieldDescriptor) error {
	if !message.Has(field) {
		return nil
	}
	value := message.Get(field)
	switch child.role {
	case roleModel:
		r.unit.model = value.String()
	case roleLabel:
		r.unit.labelSeen = true
	case roleVersion:
		r.unit.versionSeen = true
		r.unit.version = value.String()
		if r.integer {
			return r.number(value, field)
		}
	}
	return nil
}

func (r *fieldReader) number(value protoreflect.Value, field protoreflect.FieldDescriptor) error {
	switch field.Kind() {
	case protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		r.unit.version = strconv.FormatUint(value.Uint(), 10)
	default:
		if value.Int() < 0 {
			return malformedf("a version below 0")
		}
		r.unit.version = strconv.FormatInt(value.Int(), 10)
	}
	return nil
}
