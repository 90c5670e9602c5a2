using System.Globalization;
using System.Threading.Channels;
using DevOps.Blazor.Access;
using DevOps.Core.Logs;
using DevOps.Core.Refusals;
using DevOps.Infrastructure.Applications;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Applications;

/// <summary>Follows a runtime log while somebody looks: the newest lines, drawn at most ten times a second.</summary>
public partial class RuntimeLog
{
    private const int MostLines = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly LinkedList<LogLine> _lines = [];
    private CancellationTokenSource? _stop;
    private Task _reading = Task.CompletedTask;
    private Refusal? _refusal;
    private bool _following;
    private bool _dropped;
    private bool _wrap;

    /// <summary>Whose log.</summary>
    [Parameter, EditorRequired]
    public required ApplicationName Name { get; set; }

    /// <summary>Whether it is followed from the start.</summary>
    [Parameter]
    public bool Begin { get; set; }

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private FollowRuntimeLog Follow { get; set; } = default!;

    [Inject]
    private TimeProvider Clockwork { get; set; } = default!;

    /// <summary>Ends the command on the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void OnInitialized()
    {
        if (Begin)
        {
            Start();
        }
    }

    private static string? ClassOf(LogLine line) => line.Stream switch { LogStream.Err => "err", LogStream.System => "sys", _ => null };

    private static string Iso(LogLine line) => line.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    private void Start()
    {
        Clear();
        _refusal = null;
        _following = true;
        _stop = new CancellationTokenSource();
        _reading = ReadAsync(_stop.Token);
    }

    private async Task StopAsync()
    {
        if (_stop is { } stop)
        {
            _stop = null;
            await stop.CancelAsync();
            await _reading;
            stop.Dispose();
        }
    }

    private void Clear()
    {
        _lines.Clear();
        _dropped = false;
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var batches = await Follow.OpenAsync(await Actors.GetAsync(), Name, cancellationToken);
            await foreach (var lines in Gathered(batches, cancellationToken))
            {
                Take(lines);
                await InvokeAsync(StateHasChanged);
            }
        }
        catch (Refusal refusal)
        {
            _refusal = refusal;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        catch (Exception error)
        {
            await DispatchExceptionAsync(error);
        }

        _following = false;
        await InvokeAsync(StateHasChanged);
    }

    private void Take(List<LogLine> lines)
    {
        foreach (var line in lines.Skip(Math.Max(0, lines.Count - MostLines)))
        {
            _lines.AddLast(line);
        }

        for (; _lines.Count > MostLines; _dropped = true)
        {
            _lines.RemoveFirst();
        }
    }

    // A slow browser holds up the command on the server, not the memory of this process.
    private async IAsyncEnumerable<List<LogLine>> Gathered(IAsyncEnumerable<IReadOnlyList<LogLine>> batches, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waiting = Channel.CreateBounded<IReadOnlyList<LogLine>>(64);
        var filling = FillAsync(batches, waiting.Writer, cancellationToken);
        while (await waiting.Reader.WaitToReadAsync(cancellationToken))
        {
            var lines = new List<LogLine>();
            while (waiting.Reader.TryRead(out var batch))
            {
                lines.AddRange(batch);
            }

            yield return lines;
            await Task.Delay(Pause, Clockwork, cancellationToken);
        }

        await filling;
    }

    private static async Task FillAsync(IAsyncEnumerable<IReadOnlyList<LogLine>> batches, ChannelWriter<IReadOnlyList<LogLine>> waiting, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var lines in batches.WithCancellation(cancellationToken))
            {
                await waiting.WriteAsync(lines, cancellationToken);
            }

            waiting.TryComplete();
        }
        catch (Exception error)
        {
            waiting.TryComplete(error);
        }
    }
}
