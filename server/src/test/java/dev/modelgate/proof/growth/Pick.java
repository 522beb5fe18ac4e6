package dev.modelgate.proof.growth;

import static dev.modelgate.proof.growth.GrowthSetting.ACCOMPLICES;
import static dev.modelgate.proof.growth.GrowthSetting.BYSTANDER;
import static dev.modelgate.proof.growth.GrowthSetting.GROUPS;
import static dev.modelgate.proof.growth.GrowthSetting.STRANGER;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Picks from the few names of a setting, from a seed. */
final class Pick {
  /** When everything ends that ends. */
  static final long END_MICROS = 2_000_000_000_000_000L;

  private static final List<String> CONDITIONS =
      List.of("context.on == true", "principal == \"" + ACCOMPLICES.get(1) + "\"");
  private static final List<UnitName> UNITS =
      List.of(new UnitName("emea"), new UnitName("emea/sales"), new UnitName("apac"));

  private final GrowthSetting setting;
  private final Random random;

  Pick(GrowthSetting setting, Random random) {
    this.setting = setting;
    this.random = random;
  }

  /** A condition, rarely. */
  String condition() {
    return happens(6) ? one(CONDITIONS) : "";
  }

  UnitName unit() {
    return one(UNITS);
  }

  int number(int bound) {
    return random.nextInt(bound);
  }

  List<PrincipalName> everybody() {
    List<PrincipalName> all = new ArrayList<>(ACCOMPLICES);
    all.addAll(ACCOMPLICES);
    all.addAll(GROUPS);
    all.add(BYSTANDER);
    all.add(STRANGER);
    all.add(PrincipalName.organization(GrowthSetting.ID));
    return all;
  }

  static List<PrincipalName> owners() {
    List<PrincipalName> all = new ArrayList<>(ACCOMPLICES);
    all.add(GROUPS.get(1));
    all.add(STRANGER);
    return all;
  }

  Optional<PrincipalName> owner() {
    return happens(2) ? Optional.empty() : Optional.of(one(owners()));
  }

  ResourceName resource() {
    return happens(8)
        ? GrowthSetting.path("")
        : happens(8) ? unregistered() : GrowthSetting.path(one(setting.resources()));
  }

  /** So that what is suspended is mostly what somebody tries to resume. */
  ResourceName mostlyOne() {
    List<String> paths = setting.resources();
    return happens(3) ? resource() : GrowthSetting.path(paths.get(paths.size() - 1));
  }

  ResourceName unregistered() {
    return GrowthSetting.path(one(setting.unregistered()));
  }

  boolean happens(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  <T> T one(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }

  /** One or two of them, rarely more. */
  <T> List<T> some(List<T> things) {
    T first = one(things);
    List<T> some = new ArrayList<>(things);
    some.removeIf(thing -> !thing.equals(first) && random.nextInt(4) > 0);
    return some;
  }
}
