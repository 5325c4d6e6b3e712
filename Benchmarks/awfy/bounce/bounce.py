# A hundred balls bounce in a box; counts the bounces of fifty rounds.

import sys

LIMIT = 500


class Random:
    def __init__(self):
        self.seed = 74755

    def next(self):
        self.seed = (self.seed * 1309 + 13849) & 65535
        return self.seed


class Ball:
    def __init__(self, random):
        self.x = random.next() % LIMIT
        self.y = random.next() % LIMIT
        self.x_speed = random.next() % 300 - 150
        self.y_speed = random.next() % 300 - 150

    def bounce(self):
        """Moves the ball; answers whether it met a wall."""
        bounced = False
        self.x += self.x_speed
        self.y += self.y_speed
        if self.x > LIMIT:
            self.x = LIMIT
            self.x_speed = -abs(self.x_speed)
            bounced = True
        if self.x < 0:
            self.x = 0
            self.x_speed = abs(self.x_speed)
            bounced = True
        if self.y > LIMIT:
            self.y = LIMIT
            self.y_speed = -abs(self.y_speed)
            bounced = True
        if self.y < 0:
            self.y = 0
            self.y_speed = abs(self.y_speed)
            bounced = True
        return bounced


def bounces():
    random = Random()
    balls = [Ball(random) for _ in range(100)]
    count = 0
    for _ in range(50):
        for ball in balls:
            if ball.bounce():
                count += 1
    return count


def main(iterations=1, inner=1):
    for _ in range(iterations * inner):
        assert bounces() == 1331
    print("Bounce verified")


main(*map(int, sys.argv[1:]))
