using DevOps.Infrastructure.Persistence;
using Microsoft.Extensions.Hosting;

namespace DevOps.Infrastructure.Access;

/// <summary>Tells the other processes which account was changed here, and forgets here what was changed there; the same for the keys of access tokens.</summary>
public sealed class AccessRelay(ActorReader actors, SigningKeys keys, DatabaseSignals signals) : IHostedService, IDisposable
{
    private const string Channel = "account";
    private IDisposable? _inside;
    private IDisposable? _outside;
    private IDisposable? _keys;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _inside = actors.Changes.Subscribe(Tell);
        _outside = signals.On(Channel, Hear);
        _keys = signals.On(RotateSigningKey.Channel, _ => keys.Forget());
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
        _keys?.Dispose();
    }

    private void Tell(AccountChange change)
    {
        if (change is { Here: true, Account: { } account })
        {
            _ = signals.NotifyAsync(Channel, account.ToString());
        }
    }

    // Without a word the line was interrupted: it may have been any account.
    private void Hear(string? word) => actors.Forget(new AccountChange(Guid.TryParse(word, out var account) ? account : null, Here: false));
}
