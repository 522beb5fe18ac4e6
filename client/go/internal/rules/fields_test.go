package rules

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// typed is a message whose field 1 has that type and label, with one value.
func typed(t *testing.T, kind descriptorpb.FieldDescriptorProto_Type, label descriptorpb.FieldDescriptorProto_Label,
	value any) *dynamicpb.Message {
	t.Helper()
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("typed.proto"), Package: proto.String("typed"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{{Name: proto.String("Typed"), Field: []*descriptorpb.FieldDescriptorProto{
			{Name: proto.String("model"), Number: proto.Int32(1), Type: kind.Enum(), Label: label.Enum(),
				JsonName: proto.String("model")},
			{Name: proto.String("version"), Number: proto.Int32(2), JsonName: proto.String("version"),
				Type:  descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
				Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()},
		}}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	descriptor := file.Messages().Get(0)
	message := dynamicpb.NewMessage(descriptor)
	field := descriptor.Fields().ByNumber(1)
	if field.IsList() {
		message.Mutable(field).List().Append(protoreflect.ValueOf(value))
	} else {
		message.Set(field, protoreflect.ValueOf(value))
	}
	return message
}

func TestRead_fieldOfAnotherType_isUnmapped(t *testing.T) {
	const one, many = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL, descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	method := protection(t, fuzzDocument).Method("fuzz.Service/Plain")
	for name, test := range map[string]struct {
		message  *dynamicpb.Message
		expected Kind
	}{
		"a text":  {typed(t, descriptorpb.FieldDescriptorProto_TYPE_STRING, one, "fraud"), Ask},
		"number":  {typed(t, descriptorpb.FieldDescriptorProto_TYPE_INT64, one, int64(7)), Unmapped},
		"bytes":   {typed(t, descriptorpb.FieldDescriptorProto_TYPE_BYTES, one, []byte("fraud")), Unmapped},
		"several": {typed(t, descriptorpb.FieldDescriptorProto_TYPE_STRING, many, "fraud"), Unmapped},
	} {
		if got := method.Read(test.message); got.Kind != test.expected {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
