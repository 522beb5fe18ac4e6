package dev.modelgate.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.fuzz.FuzzTarget;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.RefusedException;
import dev.modelgate.v1.ImportRecord;

/** Records of an import: an item, or a refusal that names the field. */
public final class ImportRecordTarget implements FuzzTarget {
  private final RecordReader reader = new RecordReader("acme", "", new CelConditions());

  @Override
  public void read(byte[] input) {
    try {
      reader.read(ImportRecord.parseFrom(input));
    } catch (InvalidProtocolBufferException | RefusedException | InvalidNameException e) {
      return;
    }
  }
}
