package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import java.util.Arrays;

/**
 * Collects the stripes of everything that one evaluation looked at, what it did not find included.
 */
public final class Dependencies {
  private final Uid org;
  private int[] stripes = new int[20];
  private int size;

  /** Begins with what every answer in the organization depends on. */
  public Dependencies(Uid org) {
    this.org = org;
    add(Stripes.organization(org));
    add(Stripes.groupGraph(org));
  }

  void onPrincipalName(String name) {
    add(Stripes.principalName(org, name));
  }

  void onPrincipal(Uid principal) {
    add(Stripes.principal(org, principal));
  }

  void onPath(String path) {
    add(Stripes.path(org, path));
  }

  void onResource(Uid resource) {
    add(Stripes.resource(org, resource));
  }

  void onGrants(Uid resource, Uid principal) {
    add(Stripes.grants(org, resource, principal));
  }

  /** Only for what is remembered: an answer names the accounts that it looked for. */
  void onAccounts(Uid resource) {
    add(Stripes.accounts(org, resource));
  }

  /** The first of what a remembered fact depends on; what everything does is there already. */
  void addAll(int[] more, int count) {
    for (int i = 0; i < count; i++) {
      if (more[i] != stripes[0] && more[i] != stripes[1]) {
        add(more[i]);
      }
    }
  }

  /** How many {@link #stripes} there are. */
  int size() {
    return size;
  }

  /** The stripes, some perhaps twice. */
  public int[] stripes() {
    return Arrays.copyOf(stripes, size);
  }

  private void add(int stripe) {
    if (size == stripes.length) {
      stripes = Arrays.copyOf(stripes, size * 2);
    }
    stripes[size++] = stripe;
  }
}
