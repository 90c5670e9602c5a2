namespace DevOps.Core.Access;

/// <summary>How much of its owner's permissions a personal token may use. Each scope includes the one before it.</summary>
public enum TokenScope
{
    /// <summary>Reads what the owner may read.</summary>
    Read = 1,

    /// <summary>Deploys, cancels, retries and rolls back where the owner may.</summary>
    Deploy = 2,

    /// <summary>Everything the owner may do.</summary>
    Admin = 3,
}
