namespace DevOps.Tests.Chaos;

/// <summary>Something that goes wrong in the middle of a deployment, and how it has to end.</summary>
/// <param name="Name">What it is, as a sentence's beginning.</param>
/// <param name="Ends">The statuses that would be true.</param>
internal sealed record Fault(string Name, params string[] Ends)
{
    /// <summary>What is different in the project; it is put back afterwards.</summary>
    public Action<FaultRoom, FaultProject> Change { get; init; } = (_, _) => { };

    /// <summary>What is held from before the deployment is asked for until it has been struck.</summary>
    public Func<FaultRoom, IDisposable?> Hold { get; init; } = _ => null;

    /// <summary>Doors that are closed before the deployment is asked for.</summary>
    public string? Door { get; init; }

    /// <summary>What happens once somebody knocks at the door (at once where there is none).</summary>
    public Func<FaultRoom, long, Task> Strike { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>What must be said in the error, or in the log of a deployment that has none.</summary>
    public string Says { get; init; } = "";

    /// <summary>What is made good again before the next deployment.</summary>
    public Func<FaultRoom, Task> Heal { get; init; } = _ => Task.CompletedTask;

    public override string ToString() => Name;
}
