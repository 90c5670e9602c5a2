using System.Collections.Concurrent;
using System.Net;

namespace DevOps.Tests.Chaos;

/// <summary>Doors that scripts of a deployment knock at over HTTP and wait behind, so that a test can act in the middle of a step without guessing when that is.
/// A door is open unless it is closed; knocking at an open one says go at once.</summary>
internal sealed class Gates : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.Ordinal);

    public Gates(int port)
    {
        Address = new Uri($"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ListenAsync();
    }

    /// <summary>Where scripts knock: this and the door's name.</summary>
    public Uri Address { get; }

    /// <summary>Closes a door.</summary>
    /// <returns>Ends when somebody knocks.</returns>
    public Task Close(string name)
    {
        var gate = new Gate();
        _gates[name] = gate;
        return gate.Knocked.Task;
    }

    /// <summary>Opens a door.</summary>
    public void Open(string name)
    {
        if (_gates.TryRemove(name, out var gate))
        {
            gate.Opened.TrySetResult();
        }
    }

    /// <summary>Opens every door.</summary>
    public void OpenAll()
    {
        foreach (var name in _gates.Keys)
        {
            Open(name);
        }
    }

    public void Dispose()
    {
        OpenAll();
        _listener.Close();
    }

    private async Task ListenAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext call;
            try
            {
                call = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The room is closed.
                return;
            }

            _ = AnswerAsync(call);
        }
    }

    private async Task AnswerAsync(HttpListenerContext call)
    {
        if (_gates.TryGetValue(call.Request.Url!.AbsolutePath.Trim('/'), out var gate))
        {
            gate.Knocked.TrySetResult();
            await gate.Opened.Task;
        }

        try
        {
            call.Response.Close("go\n"u8.ToArray(), willBlock: false);
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Who knocked was killed meanwhile.
            call.Response.Abort();
        }
    }

    private sealed class Gate
    {
        public TaskCompletionSource Knocked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
