using System.Threading.Channels;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Ui;

/// <summary>A component that is true without a reload: reads once, hears of changes, reads again at most ten times a second.
/// It subscribes before it reads, so nothing falls between; errors go to the circuit.</summary>
public abstract class LiveComponent : ComponentBase, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private IDisposable? _subscription;
    private Task _listening = Task.CompletedTask;

    /// <summary>Where changes are heard.</summary>
    [Inject]
    public required ChangeFeed Feed { get; set; }

    /// <summary>The clock.</summary>
    [Inject]
    public required TimeProvider Time { get; set; }

    /// <summary>Cancelled when the component goes away.</summary>
    protected CancellationToken Stopping => _stopping.Token;

    /// <summary>Why the last read was refused, to be shown by an <see cref="ErrorPanel"/>.</summary>
    protected Refusal? Refusal { get; private set; }

    /// <summary>True once the first read is done, refused or not.</summary>
    protected bool Loaded { get; private set; }

    /// <summary>Time between two reads, however much changes; a tenth of a second unless a page reads a lot.</summary>
    protected virtual TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads what is shown. Called on the circuit, never twice at once by this class.</summary>
    protected abstract Task LoadAsync(CancellationToken cancellationToken);

    /// <summary>Says whether a change concerns what is shown. Called on the publisher's thread: only compare ids.</summary>
    protected abstract bool Concerns(Change change);

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _subscription = Feed.Subscribe(change =>
        {
            if (Concerns(change))
            {
                Refresh();
            }
        });
        await ReadAsync();
        _listening = ListenAsync();
    }

    /// <summary>Asks for another read soon, as if something had changed.</summary>
    protected void Refresh() => _changed.Writer.TryWrite(true);

    /// <summary>Reads now, for instance because a parameter changed.</summary>
    protected async Task ReadAsync()
    {
        try
        {
            await LoadAsync(Stopping);
            Refusal = null;
        }
        catch (Refusal refusal)
        {
            Refusal = refusal;
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            return;
        }

        Loaded = true;
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await _changed.Reader.WaitToReadAsync(Stopping))
            {
                _changed.Reader.TryRead(out _);
                await InvokeAsync(async () =>
                {
                    await ReadAsync();
                    StateHasChanged();
                });
                await Task.Delay(Pause, Time, Stopping);
            }
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            // The page is gone.
        }
        catch (Exception error)
        {
            await DispatchExceptionAsync(error);
        }
    }

    /// <summary>Unsubscribes and waits until nothing runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        _subscription?.Dispose();
        await _stopping.CancelAsync();
        await _listening;
        await DisposeCoreAsync();
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what a derived component holds.</summary>
    protected virtual ValueTask DisposeCoreAsync() => ValueTask.CompletedTask;
}
