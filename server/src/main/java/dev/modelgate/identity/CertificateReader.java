package dev.modelgate.identity;

import dev.modelgate.client.identity.NamePattern;
import dev.modelgate.config.YamlNode;
import dev.modelgate.model.PrincipalName;
import java.util.Map;
import java.util.Set;

/** Reads an entry of {@code certificates:}. */
final class CertificateReader {
  private static final Set<String> KEYS =
      Set.of("uri", "dns", "subject", "principal", "organizations");

  private CertificateReader() {}

  static CertificateRule read(YamlNode entry) {
    Map<String, YamlNode> fields = entry.fields(KEYS);
    if (fields.keySet().stream().filter(Set.of("uri", "dns", "subject")::contains).count() != 1) {
      throw entry.error("expected: one of `uri`, `dns` and `subject`");
    }
    YamlNode principal = entry.required(fields, "principal");
    principal.as(
        text -> {
          PrincipalName name = PrincipalName.parse(text.replace(NamePattern.ID, "x"));
          return IssuerReader.kind(name.kind().prefix());
        },
        "a user, serviceAccount or app, with {id} for what varies");
    NamePattern.Field field = NamePattern.Field.SUBJECT;
    for (NamePattern.Field candidate : NamePattern.Field.values()) {
      field = fields.containsKey(candidate.key()) ? candidate : field;
    }
    YamlNode pattern = entry.required(fields, field.key());
    int places = NamePattern.places(pattern.text());
    if (places != NamePattern.places(principal.text()) || places > 1) {
      throw principal.error("principal: {id} must stand once in it and in the name, or in neither");
    }
    NamePattern.Field ofPattern = field;
    return new CertificateRule(
        pattern.as(text -> NamePattern.of(ofPattern, text), "a subject such as CN={id},O=Acme"),
        principal.text(),
        IssuerReader.organizations(entry, fields));
  }
}
