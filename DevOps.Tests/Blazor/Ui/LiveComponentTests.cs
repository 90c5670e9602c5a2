using DevOps.Blazor.Ui;
using DevOps.Core.Events;
using DevOps.Core.Refusals;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DevOps.Tests.Blazor.Ui;

public sealed class LiveComponentTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ChangeFeed _feed = new();
    private readonly ServiceProvider _services;
    private readonly HtmlRenderer _renderer;
    private readonly Reads _reads = new();

    public LiveComponentTests()
    {
        _services = new ServiceCollection().AddSingleton(_feed).AddSingleton(TimeProvider.System).AddSingleton(_reads).BuildServiceProvider();
        _renderer = new HtmlRenderer(_services, NullLoggerFactory.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _renderer.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Many_changes_at_once_become_few_reads()
    {
        await RenderAsync();
        for (var i = 0; i < 10_000; i++)
        {
            _feed.Publish(new Change(ChangeKind.Server, 7));
        }

        await _reads.AtLeastAsync(2).WaitAsync(Limit);
        await _renderer.DisposeAsync();
        Assert.InRange(_reads.Count, 2, 20);
    }

    [Fact]
    public async Task Change_of_something_else_is_not_read_again()
    {
        await RenderAsync();
        _feed.Publish(new Change(ChangeKind.Credential, 7));
        _feed.Publish(new Change(ChangeKind.Server, 7));
        await _reads.AtLeastAsync(2).WaitAsync(Limit);
        await _renderer.DisposeAsync();
        Assert.Equal(2, _reads.Count);
    }

    [Fact]
    public async Task Page_that_is_gone_hears_nothing()
    {
        await RenderAsync();
        await _renderer.DisposeAsync();
        _feed.Publish(new Change(ChangeKind.Server, 7));
        Assert.Equal(1, _reads.Count);
    }

    [Fact]
    public async Task Refusal_is_shown_and_goes_with_the_next_good_read()
    {
        _reads.Refusal = new NotFound("The server");
        await RenderAsync();
        Assert.IsType<NotFound>(_reads.Shown);
        _reads.Refusal = null;
        _feed.Publish(new Change(ChangeKind.Server, 7));
        await _reads.AtLeastAsync(2).WaitAsync(Limit);
        await _renderer.DisposeAsync();
        Assert.Null(_reads.Shown);
    }

    private Task<Microsoft.AspNetCore.Components.Web.HtmlRendering.HtmlRootComponent> RenderAsync() => _renderer.Dispatcher.InvokeAsync(() => _renderer.RenderComponentAsync<Probe>());

    private sealed class Reads
    {
        private readonly Lock _lock = new();
        private readonly List<(int Least, TaskCompletionSource Signal)> _waiting = [];

        public int Count { get; private set; }

        public Refusal? Refusal { get; set; }

        public Refusal? Shown { get; set; }

        public Task AtLeastAsync(int least)
        {
            lock (_lock)
            {
                var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((least, signal));
                Tell();
                return signal.Task;
            }
        }

        public void Note()
        {
            lock (_lock)
            {
                Count++;
            }
        }

        // Told once a read is shown, so that what is asserted afterwards is settled.
        public void Show(Refusal? refusal)
        {
            lock (_lock)
            {
                Shown = refusal;
                Tell();
            }
        }

        private void Tell()
        {
            foreach (var (_, signal) in _waiting.Where(w => Count >= w.Least))
            {
                signal.TrySetResult();
            }
        }
    }

    private sealed class Probe : LiveComponent
    {
        [Inject]
        public required Reads Reads { get; set; }

        protected override bool Concerns(Change change) => change.Kind == ChangeKind.Server;

        protected override Task LoadAsync(CancellationToken cancellationToken)
        {
            Reads.Note();
            return Reads.Refusal is { } refusal ? Task.FromException(refusal) : Task.CompletedTask;
        }

        protected override bool ShouldRender()
        {
            Reads.Show(Refusal);
            return true;
        }

        protected override void OnAfterRender(bool firstRender) => Reads.Show(Refusal);

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            Reads.Show(Refusal);
            builder.AddContent(0, Refusal?.Message);
        }
    }
}
