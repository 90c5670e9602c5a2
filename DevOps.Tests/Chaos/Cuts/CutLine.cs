using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace DevOps.Tests.Chaos.Cuts;

/// <summary>The line between a process and PostgreSQL. It counts round trips for a <see cref="Life"/>; with the end of that life it is cut, in the middle of a transaction if need be.
/// It can also break once, at a given round trip, with every connection on it; whoever connects again gets through.</summary>
internal sealed class CutLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Task> _carried = [];
    private readonly CancellationTokenSource _cut = new();
    private readonly Life _life;
    private readonly string _socket;
    private readonly Task _accepting;
    private CancellationTokenSource _break;
    private int _left;
    private bool _unheard;

    /// <summary>Opens the line.</summary>
    /// <param name="to">How PostgreSQL is reached over its socket.</param>
    /// <param name="life">The process's.</param>
    public CutLine(string to, Life life)
    {
        var there = new NpgsqlConnectionStringBuilder(to);
        (_life, _socket) = (life, Path.Combine(there.Host!, $".s.PGSQL.{there.Port}"));
        _break = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token);
        _listener.Start();
        (there.Host, there.Port, there.SslMode, there.GssEncryptionMode) = ("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port, SslMode.Disable, GssEncryptionMode.Disable);
        ConnectionString = there.ConnectionString;
        _ = life.Over.ContinueWith(_ => Cut(), TaskScheduler.Default);
        _accepting = AcceptAsync();
    }

    /// <summary>How it is reached over the line.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether it has broken since it was told to.</summary>
    public bool HasBroken => Volatile.Read(ref _left) <= 0;

    /// <summary>It breaks at a round trip, counted from 1 from now on.</summary>
    /// <param name="roundTrip">Which one.</param>
    /// <param name="unheard">Whether PostgreSQL does what it was asked for and only its answer is lost; otherwise it was not asked.</param>
    public void BreakAt(int roundTrip, bool unheard)
    {
        _unheard = unheard;
        Volatile.Write(ref _left, roundTrip);
    }

    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
        await Task.WhenAll(_carried);
        _break.Dispose();
        _cut.Dispose();
    }

    private void Cut()
    {
        _cut.Cancel();
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        while (!_cut.IsCancellationRequested)
        {
            try
            {
                _carried.Add(CarryAsync(await _listener.AcceptSocketAsync(_cut.Token)));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(Socket near)
    {
        var cut = Volatile.Read(ref _break).Token;
        using var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (near)
        {
            try
            {
                await far.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cut);
                var lost = new LostAnswer();
                await await Task.WhenAny(ThereAsync(near, far, lost, cut), BackAsync(far, near, lost, cut));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Cut, or left by one of the two.
            }
        }
    }

    // Message by message (PostgreSQL protocol 3.0): the first has no type, and the word that ends a round trip is let through only while the process lives.
    private async Task ThereAsync(Socket near, Socket far, LostAnswer lost, CancellationToken cut)
    {
        var head = new byte[5];
        for (var first = true; await FillAsync(near, head.AsMemory(first ? 1 : 0), cut); first = false)
        {
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            if (!await FillAsync(near, body, cut))
            {
                return;
            }

            var asks = !first && head[0] is (byte)'S' or (byte)'Q';
            if (asks && !_life.Pass("database"))
            {
                return;
            }

            var breaks = asks && Interlocked.Decrement(ref _left) == 0;
            if (!breaks || _unheard)
            {
                lost.IsAwaited = breaks;
                await far.SendAsync(head.AsMemory(first ? 1 : 0), cut);
                await far.SendAsync(body, cut);
            }

            if (breaks)
            {
                await (_unheard ? lost.Came.Task.WaitAsync(cut) : Task.CompletedTask);
                await Interlocked.Exchange(ref _break, CancellationTokenSource.CreateLinkedTokenSource(_cut.Token)).CancelAsync();
                return;
            }
        }
    }

    private static async Task BackAsync(Socket far, Socket near, LostAnswer lost, CancellationToken cut)
    {
        var buffer = new byte[64 * 1024];
        while (await far.ReceiveAsync(buffer, cut) is > 0 and var count)
        {
            if (lost.IsAwaited)
            {
                // It is the proof that PostgreSQL did what it was asked for.
                lost.Came.TrySetResult();
            }
            else
            {
                await near.SendAsync(buffer.AsMemory(0, count), cut);
            }
        }
    }

    private static async Task<bool> FillAsync(Socket from, Memory<byte> buffer, CancellationToken cut)
    {
        while (!buffer.IsEmpty)
        {
            var count = await from.ReceiveAsync(buffer, cut);
            if (count == 0)
            {
                return false;
            }

            buffer = buffer[count..];
        }

        return true;
    }

    private sealed class LostAnswer
    {
        public bool IsAwaited { get; set; }

        public TaskCompletionSource Came { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
