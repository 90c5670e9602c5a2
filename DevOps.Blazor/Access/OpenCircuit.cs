using Microsoft.AspNetCore.Components.Server.Circuits;

namespace DevOps.Blazor.Access;

/// <summary>Knows whether a page is open over a circuit. A plain page is answered in one go: what it changes of its own account must not turn it away in the middle.</summary>
public sealed class OpenCircuit : CircuitHandler
{
    /// <summary>Whether there is a circuit.</summary>
    public bool IsOpen { get; private set; }

    /// <inheritdoc/>
    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        IsOpen = true;
        return Task.CompletedTask;
    }
}
