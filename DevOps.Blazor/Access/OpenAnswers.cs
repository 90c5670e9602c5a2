using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Claims;
using System.Threading.Channels;
using DevOps.Core.Access;
using DevOps.Infrastructure.Access;

namespace DevOps.Blazor.Access;

/// <summary>Answers of the API that are still being sent: event streams and downloads. Who asked may lose the account, the session, the token or a role meanwhile;
/// then the answer ends, the receiver asks again, and is judged anew.</summary>
public sealed class OpenAnswers(ActorReader actors, TimeProvider time, ILogger<OpenAnswers> log) : BackgroundService
{
    // Together with the age of what the reader remembers, well below a minute.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Answer, byte> _open = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Sends an answer. Stands after authorization.</summary>
    public async Task SendAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsGet(context.Request.Method) || await actors.ReadAsync(context.User, context.RequestAborted) is not { } actor)
        {
            await next(context);
            return;
        }

        var aborted = context.RequestAborted;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var answer = new Answer(context, actor, ended);
        context.RequestAborted = ended.Token;
        _open[answer] = 0;
        try
        {
            await next(context);
        }
        finally
        {
            _open.TryRemove(answer, out _);
            context.RequestAborted = aborted;
        }
    }

    /// <summary>Ends what may no longer be sent.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        // What has not begun is judged by its verb.
        foreach (var answer in _open.Keys.Where(a => a.Context.Response.HasStarted))
        {
            var now = await actors.ReadAsync(answer.User, cancellationToken);
            if (now is null || !now.HasRightsOf(answer.Actor) || answer.IsOver(time.GetUtcNow()))
            {
                await answer.EndAsync();
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = actors.Changes.Subscribe(_ => _changed.Writer.TryWrite(true));
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitAsync(stoppingToken);
            await TryLookAsync(stoppingToken);
        }
    }

    private async Task WaitAsync(CancellationToken stopping)
    {
        using var slow = new CancellationTokenSource(LookEvery, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(slow.Token, stopping);
        Task changed = _changed.Reader.WaitToReadAsync(either.Token).AsTask();
        await changed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _changed.Reader.TryRead(out _);
    }

    private async Task TryLookAsync(CancellationToken stopping)
    {
        try
        {
            await LookAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The house closes.
        }
        catch (Exception exception)
        {
            log.LogWarning("Open answers were not looked at ({Reason}); the next round tries again", exception.Message);
        }
    }

    private sealed class Answer(HttpContext context, Actor actor, CancellationTokenSource ended)
    {
        public HttpContext Context => context;

        public ClaimsPrincipal User { get; } = context.User;

        public Actor Actor => actor;

        // Only an access token says its end itself.
        public bool IsOver(DateTimeOffset now) =>
            long.TryParse(User.FindFirstValue("exp"), NumberStyles.None, CultureInfo.InvariantCulture, out var end) && now > DateTimeOffset.FromUnixTimeSeconds(end) + AccessTokens.Skew;

        public async Task EndAsync()
        {
            try
            {
                await ended.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It came to its own end at the same moment.
            }
        }
    }
}
