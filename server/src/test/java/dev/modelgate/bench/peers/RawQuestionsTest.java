package dev.modelgate.bench.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RawQuestionsTest {
  private static final RawQuestions QUESTIONS =
      new RawQuestions(
          "package.Service/Ask",
          "secret",
          List.of(2, 1),
          1,
          List.of(new byte[] {1, 2, 3}, new byte[] {}));

  @TempDir Path directory;

  @Test
  void file_written_isReadAsTheSame() throws IOException {
    Path file = directory.resolve("questions");
    QUESTIONS.write(file);

    RawQuestions read = RawQuestions.read(file);

    assertEquals(QUESTIONS.method(), read.method());
    assertEquals(QUESTIONS.token(), read.token());
    assertEquals(QUESTIONS.answer(), read.answer());
    assertEquals(QUESTIONS.yes(), read.yes());
    assertEquals(2, read.requests().size());
    assertArrayEquals(QUESTIONS.requests().get(0), read.requests().get(0));
    assertArrayEquals(QUESTIONS.requests().get(1), read.requests().get(1));
  }

  @Test
  void response_withTheAnswerThatAllows_allows() {
    assertTrue(QUESTIONS.allows(new Wire().message(2, new Wire().number(1, 1)).bytes()));
  }

  @Test
  void response_withAnotherAnswerOrNone_doesNotAllow() {
    assertFalse(QUESTIONS.allows(new Wire().message(2, new Wire().number(1, 2)).bytes()));
    assertFalse(QUESTIONS.allows(new Wire().number(1, 1).bytes()));
    assertFalse(QUESTIONS.allows(new byte[] {}));
  }
}
