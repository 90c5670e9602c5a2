using DevOps.Blazor.Access;
using DevOps.Core;
using DevOps.Core.Events;
using DevOps.Infrastructure.Notifications;
using Microsoft.AspNetCore.Components;

namespace DevOps.Blazor.Notifications;

/// <summary>Which channels there are, and the last messages of all of them.</summary>
public partial class NotificationsPage
{
    private const int Messages = 20;

    private Listing<ChannelView>? _channels;
    private Listing<DeliveryView>? _deliveries;
    private int _channelsPage = 1;
    private int _page = 1;

    [Inject]
    private CircuitActor Actors { get; set; } = default!;

    [Inject]
    private ChannelQueries Channels { get; set; } = default!;

    /// <inheritdoc/>
    protected override bool Concerns(Change change) => change.Kind is ChangeKind.Channel;

    /// <inheritdoc/>
    protected override async Task LoadAsync(CancellationToken cancellationToken)
    {
        var actor = await Actors.GetAsync();
        _channels = await Channels.ListAsync(actor, PageRequest.Of(_channelsPage, null), cancellationToken);
        _deliveries = await Channels.DeliveriesAsync(actor, channel: null, PageRequest.Of(_page, Messages), cancellationToken);
    }

    private Task GoAsync(int page)
    {
        _channelsPage = page;
        return ReadAsync();
    }

    private Task GoToMessagesAsync(int page)
    {
        _page = page;
        return ReadAsync();
    }
}
