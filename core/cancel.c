#include "cancel.h"

void cancel_init(struct cancel *cancel)
{
	*cancel = (struct cancel){.is_set = false};
	pthread_mutex_init(&cancel->lock, NULL);
}

void cancel_release(struct cancel *cancel)
{
	pthread_mutex_destroy(&cancel->lock);
}

void cancel_set(struct cancel *cancel)
{
	pthread_mutex_lock(&cancel->lock);
	cancel->is_set = true;
	if (cancel->wake)
		cancel->wake(cancel->wake_arg);
	pthread_mutex_unlock(&cancel->lock);
}

bool cancel_is_set(struct cancel *cancel)
{
	if (!cancel)
		return false;
	pthread_mutex_lock(&cancel->lock);
	bool is_set = cancel->is_set;
	pthread_mutex_unlock(&cancel->lock);
	return is_set;
}

void cancel_watch(struct cancel *cancel, void (*wake)(void *arg), void *arg)
{
	if (!cancel)
		return;
	pthread_mutex_lock(&cancel->lock);
	cancel->wake = wake;
	cancel->wake_arg = arg;
	if (cancel->is_set)
		wake(arg);
	pthread_mutex_unlock(&cancel->lock);
}

void cancel_unwatch(struct cancel *cancel)
{
	if (!cancel)
		return;
	pthread_mutex_lock(&cancel->lock);
	cancel->wake = NULL;
	cancel->wake_arg = NULL;
	pthread_mutex_unlock(&cancel->lock);
}
