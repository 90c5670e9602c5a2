using DevOps.Core.Deployments;

namespace DevOps.Infrastructure.Persistence;

/// <summary>A batch of log lines as stored; written and read by the log room only.</summary>
public sealed class LogChunk
{
    public long DeploymentId { get; set; }

    public long FirstLine { get; set; }

    public int Count { get; set; }

    public required byte[] Payload { get; set; }
}

/// <summary>A value of the whole installation.</summary>
public sealed class Setting
{
    public required string Key { get; set; }

    public required string Value { get; set; }
}

/// <summary>A key of ASP.NET Core's data protection, so that every process can read every cookie.</summary>
public sealed class DataProtectionKey
{
    public long Id { get; set; }

    public required string FriendlyName { get; set; }

    public required string Xml { get; set; }
}

/// <summary>A change of the number of audit entries; the sum over all is how many there are. Written by triggers.</summary>
public sealed class AuditCount
{
    public long Id { get; set; }

    /// <summary>Day of the entries (UTC).</summary>
    public DateOnly Day { get; set; }

    public long Delta { get; set; }
}

/// <summary>A change of the number of deployments in a state; the sum over all is how many there are. Written by triggers.</summary>
public sealed class DeploymentCount
{
    /// <summary>So many numbers of deployments are counted together.</summary>
    public const int StretchLength = 10_000;

    public long Id { get; set; }

    public long EnvironmentId { get; set; }

    public DeploymentStatus Status { get; set; }

    /// <summary>Number of the deployment over <see cref="StretchLength"/>.</summary>
    public long Stretch { get; set; }

    public long Delta { get; set; }
}
