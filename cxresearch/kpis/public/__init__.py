"""What is said in public: reviews and posts beside the tickets."""
