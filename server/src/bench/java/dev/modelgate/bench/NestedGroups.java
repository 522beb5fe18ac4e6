package dev.modelgate.bench;

/** Users in 50 groups of their own, each nested 5 deep, and a grant to one of the outermost. */
record NestedGroups() implements ShapeCase.Shape {
  static final int USERS = 20;
  static final int MODELS = 50;
  private static final int GROUPS = 50;
  private static final int DEPTH = 5;

  @Override
  public String name() {
    return "nested";
  }

  @Override
  public String summary() {
    return "a principal in 50 groups nested 5 deep, the grant on the grandparent of a version";
  }

  @Override
  public void fill(Filling filling) {
    for (int model = 0; model < MODELS; model++) {
      filling.resource(Scene.model("m" + model));
      filling.resource(version(model));
    }
    for (int user = 0; user < USERS; user++) {
      filling.principal(Crowd.user(user));
      for (int group = 0; group < GROUPS; group++) {
        for (int level = 0; level < DEPTH; level++) {
          filling.principal(group(user, group, level));
          filling.membership(
              group(user, group, level),
              level == 0 ? Crowd.user(user) : group(user, group, level - 1));
        }
      }
      filling.grant(Scene.ENVIRONMENT, group(user, GROUPS - 1, DEPTH - 1));
    }
  }

  static String version(int model) {
    return Scene.model("m" + model) + "/versions/1";
  }

  private static String group(int user, int group, int level) {
    return "group:u" + user + "-g" + group + "-l" + level;
  }
}
