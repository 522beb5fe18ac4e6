package dev.modelgate.bench;

/**
 * Users in 50 groups each of which is nested 5 deep, and a grant to all of the outermost. There are
 * more users than the cache has room for, so that most ask as if for the first time.
 */
record NestedGroups() implements ShapeCase.Shape {
  static final int USERS = 8_000;
  static final int MODELS = 50;
  private static final int GROUPS = 100;
  private static final int GROUPS_OF_USER = 50;
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
    for (int group = 0; group < GROUPS; group++) {
      for (int level = 0; level < DEPTH; level++) {
        filling.principal(group(group, level));
        if (level > 0) {
          filling.membership(group(group, level), group(group, level - 1));
        }
      }
    }
    for (int user = 0; user < USERS; user++) {
      filling.principal(Crowd.user(user));
      for (int group = 0; group < GROUPS_OF_USER; group++) {
        filling.membership(group((user + group) % GROUPS, 0), Crowd.user(user));
      }
    }
    for (int group = 0; group < GROUPS; group++) {
      filling.grant(Scene.ENVIRONMENT, group(group, DEPTH - 1));
    }
  }

  static String version(int model) {
    return Scene.model("m" + model) + "/versions/1";
  }

  private static String group(int group, int level) {
    return "group:g" + group + "-l" + level;
  }
}
