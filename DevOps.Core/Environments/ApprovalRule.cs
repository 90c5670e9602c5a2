using DevOps.Core.Access;

namespace DevOps.Core.Environments;

/// <summary>Who has to say yes before a deployment of an environment may run.</summary>
public sealed record ApprovalRule
{
    /// <summary>Most approvals that can be asked for.</summary>
    public const int MaxRequired = 10;

    /// <summary>How many people have to say yes; 0 for none.</summary>
    public int Required { get; init; }

    /// <summary>The role they need at least, in the project or for the whole platform.</summary>
    public Role Role { get; init; } = Role.Maintainer;

    /// <summary>After how many seconds without enough of them the deployment ends.</summary>
    public int ExpireSeconds { get; init; } = 86400;
}
