using System.Net;
using System.Net.Sockets;

namespace DevOps.Tests.Fixtures;

/// <summary>A line between a browser and the platform whose far end can stop reading: what the platform sends then stays with the platform.</summary>
public sealed class SlowLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _port;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Opens the line.</summary>
    /// <param name="to">Where the platform listens.</param>
    public SlowLine(string to)
    {
        _port = new Uri(to).Port;
        _open.SetResult();
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    /// <summary>Where the browser goes.</summary>
    public string Address { get; }

    /// <summary>Nothing that the platform sends is read any more.</summary>
    public void Stop() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It is read again.</summary>
    public void GoOn() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var lines = new List<Task>();
        while (!_end.IsCancellationRequested)
        {
            lines.Add(CarryAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }

        await Task.WhenAll(lines);
    }

    private async Task CarryAsync(Socket near)
    {
        // Small buffers, so that little is on its way when the far end stops.
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        using (near)
        {
            await far.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
            var there = CopyAsync(near, far, () => Task.CompletedTask);
            var back = CopyAsync(far, near, () => _open.Task);
            await Task.WhenAny(there, back);
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Func<Task> may)
    {
        var buffer = new byte[8 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and var count)
            {
                await may().WaitAsync(_end.Token);
                await to.SendAsync(buffer.AsMemory(0, count), _end.Token);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One end is gone, or the line is taken down.
        }
    }
}
