namespace DevOps.Core.Secrets;

/// <summary>What a stored secret belongs to.</summary>
public enum SecretScope
{
    /// <summary>A project's build: given to the build container.</summary>
    Build,

    /// <summary>An environment: given to the commands on its servers.</summary>
    Environment,
}

/// <summary>A write-only value of a project's build or of an environment, stored encrypted.</summary>
public sealed class Secret
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>What <see cref="OwnerId"/> points at.</summary>
    public SecretScope Scope { get; set; }

    /// <summary>Id of the project (build) or of the environment.</summary>
    public long OwnerId { get; set; }

    /// <summary>Name of the variable the value is given in.</summary>
    public required string Name { get; set; }

    /// <summary>The encrypted value, bound to scope, owner and name.</summary>
    public required byte[] Ciphertext { get; set; }
}
