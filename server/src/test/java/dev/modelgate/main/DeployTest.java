package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingDefaults;
import dev.modelgate.proxy.UpstreamHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What is shipped in {@code deploy/} fails closed, whatever else is changed in it (hazard 38). */
final class DeployTest {
  private static final Path DEPLOY = Path.of("..", "deploy");

  private final Map<String, String> files = new TreeMap<>();

  @BeforeEach
  void read() throws IOException {
    try (Stream<Path> all = Files.walk(DEPLOY)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(DEPLOY.relativize(file).toString().replace('\\', '/'), Files.readString(file));
      }
    }
    assertFalse(files.isEmpty());
  }

  @Test
  void failureModes_areClosed_inEveryFile() {
    Set<String> asking = new TreeSet<>();
    files.forEach(
        (file, text) -> {
          for (String mode : values(text, "failure_mode_allow|failOpen")) {
            asking.add(file);
            assertEquals("false", mode, file);
          }
          boolean asks = text.contains("filters.http.ext_authz.v3.ExtAuthz\n");
          boolean asksByIstio = text.contains("envoyExtAuthzGrpc");
          assertTrue(!asks && !asksByIstio || asking.contains(file), file + " says no mode");
        });
    assertTrue(asking.contains("envoy/envoy.yaml"), asking::toString);
  }

  @Test
  void bodies_areWholeAndAsTheyAre_whereAnEnvoyPassesThem() {
    files.forEach(
        (file, text) -> {
          values(text, "allow_partial_message|allowPartialMessage")
              .forEach(value -> assertEquals("false", value, file));
          List<String> bodies = values(text, "max_request_bytes|maxRequestBytes");
          assertEquals(bodies.size(), values(text, "pack_as_bytes|packAsBytes").size(), file);
          values(text, "pack_as_bytes|packAsBytes")
              .forEach(value -> assertEquals("true", value, file));
          bodies.forEach(value -> assertTrue(Integer.parseInt(value) <= 4_000_000, file));
        });
  }

  @Test
  void headersOfModelgate_areSetOverThoseOfTheClient_byEveryProxyThatPassesThem() {
    for (String name : UpstreamHeaders.NAMES) {
      String inNginx = text("nginx/nginx.conf").toLowerCase(Locale.ROOT);
      assertTrue(inNginx.contains("proxy_set_header " + name + " $"), name);
      String inCaddy = text("caddy/Caddyfile").toLowerCase(Locale.ROOT);
      int removed = inCaddy.indexOf("request_header -" + name);
      assertTrue(removed > 0 && removed < inCaddy.indexOf("forward_auth 127"), name);
      assertTrue(text("traefik/dynamic.yaml").toLowerCase(Locale.ROOT).contains("- " + name), name);
    }
  }

  @Test
  void settings_thatAreNamed_exist() {
    SettingDefaults none = SettingDefaults.none();
    Set<String> existing = new TreeSet<>();
    new CommandLine(new ServeCommand(new String[0], none, new StartFailures(none)))
        .getCommandSpec()
        .options()
        .forEach(option -> existing.add(option.longestName()));
    Pattern command = Pattern.compile("modelgate serve (.*)|(?m)^\\s+- (--[a-z-]+=?.*)$");
    Pattern flag = Pattern.compile("(?<![\\w-])--[a-z][a-z-]+");
    int found = 0;
    for (String text : files.values()) {
      Matcher line = command.matcher(text);
      while (line.find()) {
        Matcher named = flag.matcher(line.group());
        while (named.find()) {
          found++;
          assertTrue(existing.contains(named.group()), named.group());
        }
      }
    }
    assertTrue(found > 5, "flags are found");
  }

  private String text(String file) {
    String text = files.get(file);
    assertTrue(text != null, file);
    return text;
  }

  private static List<String> values(String text, String keys) {
    return Pattern.compile("(?:" + keys + "):\\s*\"?(\\w+)")
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .toList();
  }
}
