namespace DevOps.Core.Secrets;

/// <summary>What a stored secret belongs to.</summary>
public enum SecretScope
{
    /// <summary>A project's build: given to the build container.</summary>
    Build,

    /// <summary>An environment: given to the commands on its servers.</summary>
    Environment,

    /// <summary>A notification channel: its address and its signing secret.</summary>
    Channel,
}

/// <summary>A write-only value of a project's build, an environment or a channel, stored encrypted.</summary>
public sealed class Secret
{
    /// <summary>Row id.</summary>
    public long Id { get; set; }

    /// <summary>What <see cref="OwnerId"/> points at.</summary>
    public SecretScope Scope { get; set; }

    /// <summary>Id of the project (build), of the environment or of the channel.</summary>
    public long OwnerId { get; set; }

    /// <summary>Name of the variable the value is given in.</summary>
    public required string Name { get; set; }

    /// <summary>The encrypted value, bound to scope, owner and name.</summary>
    public required byte[] Ciphertext { get; set; }
}
