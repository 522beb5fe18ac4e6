package dev.modelgate.bench.peers;

import java.util.ArrayList;
import java.util.List;
import org.casbin.jcasbin.main.Enforcer;
import org.casbin.jcasbin.model.Model;

/** jCasbin with a rule for each grant, and no roles: its plainest model. It walks the rules. */
final class Casbin implements Library {
  private static final String MODEL =
      """
      [request_definition]
      r = sub, obj, act
      [policy_definition]
      p = sub, obj, act
      [policy_effect]
      e = some(where (p.eft == allow))
      [matchers]
      m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
      """;

  private final Enforcer enforcer;

  Casbin(HotSet hot) {
    Model model = new Model();
    model.loadModelFromText(MODEL);
    this.enforcer = new Enforcer(model);
    enforcer.enableLog(false);
    List<List<String>> rules = new ArrayList<>();
    for (HotSet.Pair grant : hot.allowed()) {
      rules.add(List.of(grant.user(), grant.model(), "predict"));
    }
    if (!enforcer.addPolicies(rules)) {
      throw new IllegalStateException("jCasbin did not take the rules");
    }
  }

  @Override
  public boolean allows(HotSet.Pair pair) {
    return enforcer.enforce(pair.user(), pair.model(), "predict");
  }
}
