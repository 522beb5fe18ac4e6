package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** Compressed messages pass compressed, byte for byte, and no others do. */
final class CompressionTest {
  private static final Metadata.Key<String> ENCODING =
      Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> ACCEPTED =
      Metadata.Key.of("grpc-accept-encoding", Metadata.ASCII_STRING_MARSHALLER);

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  @Test
  void compressedMessages_eitherWay_passByteForByte() throws Exception {
    byte[] plain = new byte[300_000];
    new java.util.SplittableRandom(1).nextBytes(plain);
    byte[] compressed = gzip(plain);
    AtomicReference<byte[]> looked = new AtomicReference<>();
    Guard guard =
        message -> {
          assertTrue(message.isCompressed());
          try {
            looked.set(message.look(in -> new GZIPInputStream(in).readAllBytes()));
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
          return CompletableFuture.completedFuture(Optional.empty());
        };
    try (GatewayBed bed = GatewayBed.settings().untouched().guard(guard).start()) {
      Caller caller =
          Caller.of(
                  bed.channel(),
                  "Infer",
                  CallOptions.DEFAULT.withCompression("gzip"),
                  new Metadata())
              .send(compressed)
              .half();
      UpstreamCall reached = bed.reached();
      assertArrayEquals(compressed, reached.next());
      assertArrayEquals(plain, looked.get());
      assertEquals("gzip", reached.headers().get(ENCODING));
      reached.call().setCompression("gzip");
      reached.begin(new Metadata());
      reached.call().setMessageCompression(true);
      reached.reply(compressed).end();
      assertArrayEquals(compressed, caller.next());
      assertEquals("gzip", caller.headers().get(ENCODING));
      assertTrue(caller.ended().status().isOk());
    }
  }

  @Test
  void upstream_isToldWhatTheCallerReads() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      bed.call("Infer").send(new byte[1]);
      assertEquals("gzip", bed.reached().headers().get(ACCEPTED));
      ManagedChannel plain =
          NettyChannelBuilder.forAddress(
                  "127.0.0.1", bed.gateway().port(), InsecureChannelCredentials.create())
              .decompressorRegistry(
                  io.grpc.DecompressorRegistry.emptyInstance()
                      .with(io.grpc.Codec.Identity.NONE, true))
              .build();
      Caller.of(plain, "Infer").send(new byte[1]);
      String accepted = bed.reached().headers().get(ACCEPTED);
      assertFalse(accepted != null && accepted.contains("gzip"), accepted);
      plain.shutdownNow();
    }
  }

  @Test
  void encoding_thatIsUnknownHere_isUnimplemented() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      ManagedChannel other =
          NettyChannelBuilder.forAddress(
                  "127.0.0.1", bed.gateway().port(), InsecureChannelCredentials.create())
              .compressorRegistry(unknown())
              .build();
      Caller caller =
          Caller.of(other, "Infer", CallOptions.DEFAULT.withCompression("zstd"), new Metadata());
      assertEquals(Status.Code.UNIMPLEMENTED, caller.send(new byte[3]).ended().status().getCode());
      assertEquals(0, bed.begun());
      other.shutdownNow();
    }
  }

  private static CompressorRegistry unknown() {
    CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
    registry.register(
        new Compressor() {
          @Override
          public String getMessageEncoding() {
            return "zstd";
          }

          @Override
          public OutputStream compress(OutputStream out) {
            return out;
          }
        });
    return registry;
  }

  @Test
  void compression_ofSomeMessages_isThatOfTheSender() throws Exception {
    try (GatewayBed bed = GatewayBed.settings().start()) {
      Caller caller =
          Caller.of(
              bed.channel(), "Chat", CallOptions.DEFAULT.withCompression("gzip"), new Metadata());
      caller.compress(false).send(new byte[] {1});
      UpstreamCall reached = bed.reached();
      assertArrayEquals(new byte[] {1}, reached.next());
      caller.compress(true).send(new byte[1_000]);
      assertArrayEquals(new byte[1_000], reached.next());
      reached.end(Status.OK, new Metadata());
      assertTrue(caller.ended().status().isOk());
    }
  }
}
