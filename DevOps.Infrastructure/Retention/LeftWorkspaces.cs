using System.Globalization;
using DevOps.Infrastructure.Persistence;
using Microsoft.EntityFrameworkCore;

namespace DevOps.Infrastructure.Retention;

/// <summary>Workspaces (<c>workspaces/{deployment}</c>) of deployments that are over: their process died before it removed them.</summary>
internal sealed class LeftWorkspaces(PlatformOptions platform, IDbContextFactory<DevOpsDbContext> contexts) : IHousekeeping
{
    public string Subject => "workspaces of deployments that are over";

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // Folders first, rows after: a workspace is made after its row, so a new one is never taken for an orphan.
        var folders = new Dictionary<long, string>();
        foreach (var folder in Directory.EnumerateDirectories(platform.Folder("workspaces")))
        {
            if (long.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                folders[id] = folder;
            }
        }

        var open = await OpenDeploymentIds.FindAsync(contexts, folders.Keys, cancellationToken);
        var removed = 0;
        foreach (var (_, folder) in folders.Where(f => !open.Contains(f.Key)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Directory.Delete(folder, recursive: true);
            removed++;
        }

        return removed;
    }
}
