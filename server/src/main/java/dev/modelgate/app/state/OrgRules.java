package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.store.row.TypeRightRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an organization says beside grants, in memory: few rows that every miss looks at.
 *
 * @param typeRights by holder and kind
 * @param denyRules by the resource at and below which they deny
 * @param links external links by their ids
 * @param featuresOff the features of the profile that are switched off
 */
public record OrgRules(
    Map<TypeKey, TypeRightRow> typeRights,
    Map<Uid, List<DenyRuleRow>> denyRules,
    Map<String, LinkRow> links,
    Set<String> featuresOff) {
  /** Nothing is said. */
  public static final OrgRules NONE = new OrgRules(Map.of(), Map.of(), Map.of(), Set.of());

  /** Whose type rights, and for which kind. */
  public record TypeKey(Uid principal, String kind) {}

  /** Copies the collections. */
  public OrgRules {
    typeRights = Map.copyOf(typeRights);
    denyRules = Map.copyOf(denyRules);
    links = Map.copyOf(links);
    featuresOff = Set.copyOf(featuresOff);
  }

  /** Reads them. */
  static OrgRules load(OrgRows rows, Optional<SettingsRow> settings, Optional<Profile> profile) {
    Map<TypeKey, TypeRightRow> typeRights = new HashMap<>();
    rows.eachTypeRight(
        Optional.empty(),
        row -> {
          typeRights.put(new TypeKey(row.principal(), row.kind()), row);
          return true;
        });
    Map<Uid, List<DenyRuleRow>> denyRules = new HashMap<>();
    rows.eachDenyRule(
        row -> {
          denyRules.computeIfAbsent(row.scope(), scope -> new ArrayList<>()).add(row);
          return true;
        });
    denyRules.replaceAll((scope, list) -> List.copyOf(list));
    Map<String, LinkRow> links = new HashMap<>();
    rows.eachLink(
        row -> {
          links.put(row.id(), row);
          return true;
        });
    Set<String> off =
        settings.isPresent() && profile.isPresent()
            ? featuresOff(profile.get(), settings.get())
            : Set.of();
    return new OrgRules(typeRights, denyRules, links, off);
  }

  /** The features that are off: as the profile says, unless the organization says otherwise. */
  public static Set<String> featuresOff(Profile profile, SettingsRow settings) {
    Set<String> off = new HashSet<>();
    profile
        .states()
        .features()
        .forEach(
            (feature, on) -> {
              if (!settings.features().getOrDefault(feature, on)) {
                off.add(feature);
              }
            });
    return off;
  }
}
