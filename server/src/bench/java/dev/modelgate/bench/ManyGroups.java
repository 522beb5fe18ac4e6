package dev.modelgate.bench;

/** Users in 1,000 groups, all of them the same, and a grant to one of these on each model. */
record ManyGroups() implements ShapeCase.Shape {
  static final int USERS = 20;
  static final int MODELS = 50;
  private static final int GROUPS = 1_000;

  @Override
  public String name() {
    return "groups";
  }

  @Override
  public String summary() {
    return "a principal in 1,000 groups, one of which has the grant";
  }

  @Override
  public void fill(Filling filling) {
    for (int user = 0; user < USERS; user++) {
      filling.principal(Crowd.user(user));
    }
    for (int group = 0; group < GROUPS; group++) {
      filling.principal(group(group));
      for (int user = 0; user < USERS; user++) {
        filling.membership(group(group), Crowd.user(user));
      }
    }
    for (int model = 0; model < MODELS; model++) {
      filling.resource(Crowd.model(model));
      filling.grant(Crowd.model(model), group(GROUPS - 1 - model));
    }
  }

  private static String group(int group) {
    return "group:g" + group;
  }
}
