using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
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
    private Func<string, bool>? _when;
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
    public bool HasBroken => Volatile.Read(ref _when) is null;

    /// <summary>It breaks at a round trip, counted from 1 from now on.</summary>
    /// <param name="roundTrip">Which one.</param>
    /// <param name="unheard">Whether PostgreSQL does what it was asked for and only its answer is lost; otherwise it was not asked.</param>
    public void BreakAt(int roundTrip, bool unheard)
    {
        var left = roundTrip;
        BreakWhen(_ => Interlocked.Decrement(ref left) == 0, unheard);
    }

    /// <summary>It breaks at the first round trip with such a statement.</summary>
    public void BreakWhen(Func<string, bool> statement, bool unheard)
    {
        _unheard = unheard;
        Volatile.Write(ref _when, statement);
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
                var said = new Conversation();
                await await Task.WhenAny(ThereAsync(near, far, said, cut), BackAsync(far, near, said, cut));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Cut, or left by one of the two.
            }
        }
    }

    // Message by message (PostgreSQL protocol 3.0): the first has no type, and the word that ends a round trip is let through only while the process lives.
    private async Task ThereAsync(Socket near, Socket far, Conversation said, CancellationToken cut)
    {
        var head = new byte[5];
        for (var first = true; await FillAsync(near, head.AsMemory(first ? 1 : 0), cut); first = false)
        {
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4];
            if (!await FillAsync(near, body, cut))
            {
                return;
            }

            var asks = !first && said.Hear((char)head[0], body);
            if (asks && !_life.Pass($"before: {said.Statement}"))
            {
                return;
            }

            var breaks = asks && Volatile.Read(ref _when)?.Invoke(said.Statement) == true;
            if (!breaks || _unheard)
            {
                said.AnswerIsLost = breaks;
                await far.SendAsync(head.AsMemory(first ? 1 : 0), cut);
                await far.SendAsync(body, cut);
            }

            if (breaks)
            {
                await (_unheard ? said.Answered.Task.WaitAsync(cut) : Task.CompletedTask);
                _when = null;
                await Interlocked.Exchange(ref _break, CancellationTokenSource.CreateLinkedTokenSource(_cut.Token)).CancelAsync();
                return;
            }
        }
    }

    private static async Task BackAsync(Socket far, Socket near, Conversation said, CancellationToken cut)
    {
        var buffer = new byte[64 * 1024];
        while (await far.ReceiveAsync(buffer, cut) is > 0 and var count)
        {
            if (said.AnswerIsLost)
            {
                // It is the proof that PostgreSQL did what it was asked for.
                said.Answered.TrySetResult();
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

    private sealed class Conversation
    {
        private readonly Dictionary<string, string> _prepared = new(StringComparer.Ordinal);

        /// <summary>What was asked for last.</summary>
        public string Statement { get; private set; } = "";

        public bool AnswerIsLost { get; set; }

        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Hears a message; true for one that wants an answer.</summary>
        public bool Hear(char type, byte[] body)
        {
            switch (type)
            {
                case 'P':
                    _prepared[Text(body, 0)] = Text(body, 1);
                    break;
                case 'B':
                    Statement = _prepared.GetValueOrDefault(Text(body, 1), "");
                    break;
                case 'Q':
                    Statement = Text(body, 0);
                    break;
            }

            return type is 'S' or 'Q';
        }

        // Texts end with a zero.
        private static string Text(byte[] body, int index) => Encoding.UTF8.GetString(body).Split('\0', index + 2)[index];
    }
}
