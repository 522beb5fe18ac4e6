package dev.modelgate.app.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.audit.TrailEvent.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an event may hold. */
final class TrailEventTest {
  @Test
  void text_ofTheGreatestSize_staysAsItIs() {
    String text = "ä".repeat(TrailEvent.TEXT_BYTES_MAX / 2);
    assertEquals(text, event(text).reason());
  }

  @Test
  void text_thatIsTooLong_isCutBetweenCharacters() {
    for (String letter : List.of("a", "ä", "€", "\ud83d\ude00")) {
      String cut = event(letter.repeat(TrailEvent.TEXT_BYTES_MAX + 1)).reason();
      int bytes = cut.getBytes(StandardCharsets.UTF_8).length;
      assertTrue(bytes <= TrailEvent.TEXT_BYTES_MAX && bytes > TrailEvent.TEXT_BYTES_MAX - 4, cut);
      assertEquals("…", cut.replace(letter, ""));
      assertFalse(cut.contains("?"), cut);
    }
  }

  @Test
  void collections_thatAreTooLarge_areCut() {
    Map<String, String> values =
        IntStream.range(0, 1_000)
            .boxed()
            .collect(Collectors.toMap(i -> String.format("%03d", i), i -> "v"));
    TrailEvent event =
        TrailEvent.of(Kind.REFUSAL, "NOT_PERMITTED")
            .about(Collections.nCopies(1_000, "user:ana"))
            .changing(values, values)
            .build();
    assertEquals(TrailEvent.ENTRIES_MAX, event.principals().size());
    assertEquals(TrailEvent.ENTRIES_MAX, event.before().size());
    assertEquals(TrailEvent.ENTRIES_MAX, event.after().size());
    assertTrue(event.after().containsKey("000"));
  }

  private static TrailEvent event(String reason) {
    return TrailEvent.of(Kind.REFUSAL, "NOT_PERMITTED").because(reason, "").build();
  }
}
