package dev.modelgate.bench.peers;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * The questions of a run as one peer wants them: whole requests, written before the run, and where
 * its answers say yes. A file of them goes to the process that asks.
 *
 * @param method the full name of the unary method, {@code package.Service/Method}
 * @param token what is sent as {@code authorization: Bearer}, empty for nothing
 * @param answer the field numbers that lead to the answer, outermost first
 * @param yes the answer that allows
 * @param requests the requests, hot pair 0 first
 */
public record RawQuestions(
    String method, String token, List<Integer> answer, long yes, List<byte[]> requests) {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Copies the lists. */
  public RawQuestions {
    answer = List.copyOf(answer);
    requests = List.copyOf(requests);
  }

  /** Whether the response allows. */
  public boolean allows(byte[] response) {
    try {
      int[] path = answer.stream().mapToInt(Integer::intValue).toArray();
      return Wire.number(response, path) == yes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How the calls are made. */
  public CallOptions options() {
    return options(token);
  }

  static CallOptions options(String token) {
    return token.isEmpty()
        ? CallOptions.DEFAULT
        : CallOptions.DEFAULT.withCallCredentials(new Bearer(token));
  }

  /** The method with requests and responses left as bytes. */
  public MethodDescriptor<byte[], byte[]> descriptor() {
    return unary(method);
  }

  static MethodDescriptor<byte[], byte[]> unary(String method) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(method)
        .setRequestMarshaller(Bytes.MARSHALLER)
        .setResponseMarshaller(Bytes.MARSHALLER)
        .build();
  }

  /** Replaces the file. */
  public void write(Path file) throws IOException {
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeUTF(method);
      out.writeUTF(token);
      out.writeInt(answer.size());
      for (int field : answer) {
        out.writeInt(field);
      }
      out.writeLong(yes);
      out.writeInt(requests.size());
      for (byte[] request : requests) {
        out.writeInt(request.length);
        out.write(request);
      }
    }
  }

  /** What {@code write} wrote. */
  public static RawQuestions read(Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      String method = in.readUTF();
      String token = in.readUTF();
      List<Integer> answer = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        answer.add(in.readInt());
      }
      long yes = in.readLong();
      List<byte[]> requests = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        requests.add(in.readNBytes(in.readInt()));
      }
      return new RawQuestions(method, token, answer, yes, requests);
    }
  }

  /** A message as it is. */
  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    MARSHALLER;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Bearer extends CallCredentials {
    private final Metadata headers = new Metadata();

    Bearer(String token) {
      headers.put(AUTHORIZATION, "Bearer " + token);
    }

    @Override
    public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
      applier.apply(headers);
    }
  }
}
