using System.Globalization;
using DevOps.Core.Events;
using DevOps.Infrastructure.Persistence;
using Microsoft.Extensions.Hosting;

namespace DevOps.Infrastructure.Events;

/// <summary>Carries changes to the pages of other processes, and theirs to ours.</summary>
public sealed class ChangeRelay(ChangeFeed feed, DatabaseSignals signals) : IHostedService, IDisposable
{
    private const string Channel = "change";
    private readonly AsyncLocal<bool> _fromOutside = new();
    private IDisposable? _inside;
    private IDisposable? _outside;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _inside = feed.Subscribe(Tell);
        _outside = signals.On(Channel, Hear);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inside?.Dispose();
        _outside?.Dispose();
    }

    private void Tell(Change change)
    {
        if (!_fromOutside.Value)
        {
            _ = signals.NotifyAsync(Channel, string.Create(CultureInfo.InvariantCulture, $"{change.Kind}:{change.Id}:{change.ProjectId}"));
        }
    }

    private void Hear(string? word)
    {
        if (word?.Split(':') is [var kind, var id, var project]
            && Enum.TryParse<ChangeKind>(kind, out var what)
            && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var row))
        {
            _fromOutside.Value = true;
            feed.Publish(new Change(what, row, long.TryParse(project, NumberStyles.None, CultureInfo.InvariantCulture, out var owner) ? owner : null));
            _fromOutside.Value = false;
        }
    }
}
