package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.StreamCheckRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams that begin well and go on with bytes that are no message. */
final class BrokenStreamTest {
  private static final byte[] CUT_OFF = {0x0a, 0x7f};
  private static final int MORE_THAN_PLACES = 12;

  @TempDir Path directory;

  private SidecarBed bed;
  private LogWatch log;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
    log = new LogWatch();
  }

  @AfterEach
  void end() {
    log.assertQuiet();
    log.close();
    bed.close();
  }

  @Test
  void imports_brokenMidway_giveTheirPlacesBack() throws Exception {
    byte[] header =
        ImportRequest.newBuilder()
            .setHeader(ImportHeader.newBuilder().setSchema(1).setOrganization("organizations/acme"))
            .build()
            .toByteArray();
    for (int i = 0; i < MORE_THAN_PLACES; i++) {
      RawCall.Ended broken = importing(List.of(header, CUT_OFF));
      assertEquals(Status.Code.INVALID_ARGUMENT, broken.status().getCode(), broken::toString);
    }
    RawCall.Ended whole = importing(List.of(header));
    assertEquals(Status.Code.OK, whole.status().getCode(), whole::toString);
  }

  @Test
  void checks_answeredWhileTheStreamBreaks_failNothingElse() throws Exception {
    List<byte[]> requests = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      requests.add(question("user:u" + i + "@acme.com"));
    }
    requests.add(CUT_OFF);
    requests.add(question("user:last@acme.com"));
    for (int i = 0; i < MORE_THAN_PLACES; i++) {
      RawCall.Ended ended =
          RawCall.of(
              bed.dataChannel(),
              AuthorizationServiceGrpc.getStreamCheckMethod().getFullMethodName(),
              new Metadata(),
              requests);
      boolean isAsPromised =
          ended.status().isOk() || ended.status().getCode() == Status.Code.INVALID_ARGUMENT;
      assertTrue(isAsPromised, ended::toString);
    }
    assertEquals("ALLOW", bed.answer("user:cleo@acme.com", SidecarBed.FRAUD, "predict"));
  }

  private RawCall.Ended importing(List<byte[]> requests) throws InterruptedException {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + bed.token());
    return RawCall.of(
        bed.adminChannel(),
        AdminServiceGrpc.getImportMethod().getFullMethodName(),
        headers,
        requests);
  }

  private static byte[] question(String principal) {
    return StreamCheckRequest.newBuilder()
        .setCheck(
            CheckRequest.newBuilder()
                .setPrincipal(principal)
                .setModel(SidecarBed.FRAUD)
                .setAction("predict"))
        .build()
        .toByteArray();
  }
}
