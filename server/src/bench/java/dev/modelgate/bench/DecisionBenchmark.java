package dev.modelgate.bench;

import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.decision.HeldGrant;
import dev.modelgate.decision.TypeLayer;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.Micros;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The pure decision: facts to what the caller may do, and that to one answer. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DecisionBenchmark {
  private static final long NOW = 1_000_000;
  private static final int MANY = 50;

  private final Facts one;
  private final Facts many;
  private final Access decided;
  private final long predict;

  /** On a model in an environment, under the default profile. */
  public DecisionBenchmark() {
    var document = BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow();
    Profile profile = document.compile(document.extended(Vocabulary.EMPTY));
    ResourceName model = ResourceName.parse(Crowd.model(1));
    List<Kind> kinds =
        IntStream.range(0, model.depth())
            .mapToObj(level -> profile.kindAt(model, level).orElseThrow())
            .toList();
    Role user = profile.role("user").orElseThrow();
    HeldGrant grant =
        new HeldGrant(
            model.depth() - 1, Optional.of(user), 0, false, false, 0, Micros.NEVER, "", 0);
    this.one = facts(kinds, List.of(grant));
    this.many = facts(kinds, Collections.nCopies(MANY, grant));
    this.decided = Decider.decide(one, NOW);
    this.predict = profile.action("predict").orElseThrow().on(profile.kindOf(model).orElseThrow());
    if (!answer()) {
      throw new IllegalStateException("the grant does not allow");
    }
  }

  private static Facts facts(List<Kind> kinds, List<HeldGrant> grants) {
    return new Facts(kinds, Facts.Caller.ACTIVE, false, true, grants, TypeLayer.NONE);
  }

  /** All actions, from one grant. */
  @Benchmark
  public Access decideOfOneGrant() {
    return Decider.decide(one, NOW);
  }

  /** All actions, from fifty. */
  @Benchmark
  public Access decideOfFiftyGrants() {
    return Decider.decide(many, NOW);
  }

  /** One action, from what was decided. */
  @Benchmark
  public boolean answer() {
    return decided.outcome(predict, Conditions.UNKNOWN).allowed();
  }
}
