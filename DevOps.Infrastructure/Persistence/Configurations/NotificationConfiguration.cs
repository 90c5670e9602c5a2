using DevOps.Core.Deployments;
using DevOps.Core.Notifications;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DevOps.Infrastructure.Persistence.Configurations;

internal sealed class NotificationChannelConfiguration : IEntityTypeConfiguration<NotificationChannel>
{
    public void Configure(EntityTypeBuilder<NotificationChannel> builder)
    {
        builder.ToTable("notification_channels");
        builder.Property(c => c.Name).HasMaxLength(40);
        builder.Property(c => c.Kind).AsWord();
        builder.Property(c => c.Revision).IsConcurrencyToken();
        builder.HasIndex(c => c.Name).IsUnique();
    }
}

internal sealed class NotificationDeliveryConfiguration : IEntityTypeConfiguration<NotificationDelivery>
{
    public void Configure(EntityTypeBuilder<NotificationDelivery> builder)
    {
        builder.ToTable("notification_deliveries");
        builder.Property(d => d.Event).HasMaxLength(24);
        builder.Property(d => d.State).AsWord();
        builder.Property(d => d.Answer).HasMaxLength(500);
        builder.HasIndex(d => new { d.ChannelId, d.Id });
        builder.HasIndex(d => new { d.ChannelId, d.DeploymentId, d.Event }).IsUnique();
        builder.HasOne<NotificationChannel>().WithMany().HasForeignKey(d => d.ChannelId).OnDelete(DeleteBehavior.Cascade);
        builder.HasOne<Deployment>().WithMany().HasForeignKey(d => d.DeploymentId).OnDelete(DeleteBehavior.Cascade);
    }
}
