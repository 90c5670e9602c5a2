using DevOps.Core.Refusals;
using DevOps.Infrastructure.Audit;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Access;

/// <summary>Brings what pages were refused into the audit log. Told by what shows refusals, so that no page has to think of it.</summary>
public sealed class RefusalWitness(CircuitActor actors, NavigationManager navigation, RefusedAttempts attempts)
{
    /// <summary>Notes a refusal when it is one of lacking rights; everything else is no attempt.</summary>
    public async Task SeeAsync(Refusal refusal)
    {
        if (refusal is Forbidden forbidden && await actors.FindAsync() is { } actor)
        {
            await attempts.NoteAsync(actor, "/" + navigation.ToBaseRelativePath(navigation.Uri).Split('?', '#')[0], forbidden);
        }
    }
}
