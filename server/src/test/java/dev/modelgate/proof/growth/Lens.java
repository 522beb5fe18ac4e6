package dev.modelgate.proof.growth;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.store.OrgView;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * How the rules see what they decide about. As it is, or for a negative control with one thing
 * hidden from them: a rule that cannot see what it is about is switched off.
 *
 * @param profile what becomes of the document
 * @param view what becomes of the rows
 * @param unlimited commands to which no limit of their requester applies
 */
record Lens(
    UnaryOperator<String> profile, UnaryOperator<OrgView> view, Predicate<Command> unlimited) {
  /** Everything as it is. */
  static final Lens CLEAR =
      new Lens(UnaryOperator.identity(), UnaryOperator.identity(), command -> false);

  /** Another profile, of the same words. */
  static Lens profile(UnaryOperator<String> profile) {
    return new Lens(profile, UnaryOperator.identity(), command -> false);
  }

  /** Other rows. */
  static Lens rows(UnaryOperator<OrgView> view) {
    return new Lens(UnaryOperator.identity(), view, command -> false);
  }

  /** Commands of one kind as if the system administrator gave them. */
  static Lens unlimited(Class<? extends Command> kind) {
    return new Lens(UnaryOperator.identity(), UnaryOperator.identity(), kind::isInstance);
  }

  /** The document that the rules go by. */
  ProfileDocument document(GrowthSetting setting) {
    return ProfileDocument.parse(profile.apply(setting.profile()));
  }

  /** For whom a command is. */
  Requester requester(Requester requester, Command command) {
    return unlimited.test(command) ? Requester.SYSTEM_ADMINISTRATOR : requester;
  }
}
