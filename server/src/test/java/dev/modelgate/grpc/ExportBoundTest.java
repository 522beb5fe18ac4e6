package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.modelgate.app.query.Exports;
import dev.modelgate.app.query.Exports.Export;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.RefusedException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** How many exports are open at a time. */
final class ExportBoundTest {
  @Test
  void exports_oneTooMany_isRefusedUntilOneEnds() {
    try (AdminPlane plane = new AdminPlane().withAcme()) {
      Exports exports = new Exports(plane.live, plane.clock);
      Deque<Export> open = new ArrayDeque<>();
      for (int i = 0; i < Exports.OPEN_MAX; i++) {
        open.add(exports.open("acme", Requester.SYSTEM_ADMINISTRATOR));
      }
      RefusedException e =
          assertThrows(
              RefusedException.class, () -> exports.open("acme", Requester.SYSTEM_ADMINISTRATOR));
      assertEquals(Fault.OVERLOADED, e.refusal().fault());
      assertEquals("exports", e.refusal().metadata().get("queue"));
      open.remove().close();
      open.add(exports.open("acme", Requester.SYSTEM_ADMINISTRATOR));
      open.forEach(Export::close);
    }
  }
}
